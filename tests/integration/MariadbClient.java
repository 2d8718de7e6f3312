/* MariaDB's Connector/J: java MariadbClient PORT OPTIONS. Prints what each step gave:
 * text, prepared statements, batches in bulk, rows fetched by a cursor. */
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;

public class MariadbClient {
    static Connection connection;

    static void say(ResultSet rows) throws SQLException {
        int count = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            StringBuilder line = new StringBuilder();
            for (int i = 1; i <= count; i++)
                line.append(rows.getString(i)).append(i < count ? " | " : "");
            System.out.println(line);
        }
        rows.close();
    }

    static void prepared(String text, Object... values) {
        try (PreparedStatement it = connection.prepareStatement(
                 text, Statement.RETURN_GENERATED_KEYS)) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < values.length; i++)
                    it.setObject(i + 1, values[i]);
                if (it.execute())
                    say(it.getResultSet());
                else
                    System.out.println(it.getUpdateCount());
            }
            say(it.getGeneratedKeys());
        } catch (SQLException error) {
            System.out.println(error.getErrorCode() + " " + error.getSQLState());
        }
    }

    static void batch() throws SQLException {
        try (PreparedStatement it = connection.prepareStatement(
                 "INSERT INTO t (b, c) VALUES (?, ?)")) {
            for (int i = 0; i < 500; i++) {
                it.setString(1, "batch" + i);
                it.setTimestamp(2, new Timestamp((i + 1) * 1000000L));
                it.addBatch();
            }
            int sum = 0;
            for (int count : it.executeBatch())
                sum += count == Statement.SUCCESS_NO_INFO ? 1 : count;
            System.out.println(sum);
        }
    }

    static void cursor() throws SQLException {
        try (PreparedStatement it = connection.prepareStatement(
                 "SELECT a, b FROM t WHERE a > ? ORDER BY a")) {
            it.setFetchSize(7);
            it.setInt(1, 10);
            say(it.executeQuery());
        }
    }

    public static void main(String[] arguments) throws SQLException {
        connection = DriverManager.getConnection(
            "jdbc:mariadb://127.0.0.1:" + arguments[0] + "/shop?user=ann&password=secret"
            + "&serverTimezone=UTC&" + arguments[1]);
        try (Statement it = connection.createStatement()) {
            it.execute("CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY,"
                       + " b VARCHAR(20), c TIMESTAMP NULL)");
            it.execute("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END");
            say(it.executeQuery("SELECT 1, 'x', NULL"));
            if (it.execute("CALL p()"))
                say(it.getResultSet());
            while (it.getMoreResults())
                say(it.getResultSet());
        }
        prepared("INSERT INTO t (b) VALUES (?)", "one");
        prepared("SELECT * FROM t WHERE a = ?", 1);
        prepared("SELECT ? + 1, ?, ?", 41, "text", 2.5);
        prepared("SELECT no_such FROM t");
        prepared("INSERT INTO t (a) VALUES (?)", 1);
        batch();
        connection.setAutoCommit(false);
        prepared("DELETE FROM t WHERE a < ?", 100);
        connection.rollback();
        cursor();
        prepared("SELECT COUNT(*), SUM(a) FROM t");
        connection.commit();
        connection.close();
    }
}
