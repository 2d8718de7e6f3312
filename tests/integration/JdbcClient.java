import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * What applications do through JDBC, against the URL in the first argument:
 * server-prepared statements with binary values, batches, generated keys,
 * cursors by fetch size, savepoints, errors, COPY. Ends with "jdbc ok".
 */
public class JdbcClient {
    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static void generatedKeys(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO people (name, born, pay) VALUES (?, ?, ?)",
                Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < 20; i++) {
                insert.setString(1, "person " + i);
                insert.setObject(2, LocalDate.of(1990, 1, 1 + i));
                insert.setBigDecimal(3, new BigDecimal(i + ".50"));
                check(insert.executeUpdate() == 1, "one row");
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    check(keys.next() && keys.getInt(1) > 0, "a key");
                }
            }
        }
    }

    private static void batch(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE people SET pay = pay + ? WHERE id = ?")) {
            for (int i = 1; i <= 10; i++) {
                update.setBigDecimal(1, new BigDecimal("1.25"));
                update.setInt(2, i);
                update.addBatch();
            }
            for (int count : update.executeBatch()) {
                check(count == 1, "batch count");
            }
        }
        connection.commit();
    }

    private static void cursor(Connection connection) throws SQLException {
        int rows = 0;
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT id, name, pay FROM people ORDER BY id")) {
            select.setFetchSize(7);
            try (ResultSet result = select.executeQuery()) {
                while (result.next()) {
                    rows++;
                }
            }
        }
        connection.commit();
        check(rows == 20, "cursor rows: " + rows);
    }

    private static void repeated(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT name, born, pay, joined FROM people WHERE id = ? AND pay >= ?")) {
            for (int i = 1; i <= 20; i++) {
                select.setInt(1, i);
                select.setBigDecimal(2, BigDecimal.ZERO);
                try (ResultSet result = select.executeQuery()) {
                    check(result.next(), "row " + i);
                    check(result.getTimestamp(4) instanceof Timestamp, "time");
                }
            }
        }
        connection.commit();
    }

    private static void errors(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            var savepoint = connection.setSavepoint();
            try {
                statement.executeUpdate("INSERT INTO people (id, name) VALUES (1, 'twice')");
                throw new AssertionError("no error");
            } catch (SQLException expected) {
                check("23505".equals(expected.getSQLState()), expected.getSQLState());
            }
            connection.rollback(savepoint);
            check(statement.executeUpdate("UPDATE people SET name = 'first' WHERE id = 1") == 1,
                    "after the savepoint");
            connection.commit();
            try {
                statement.executeUpdate("INSERT INTO people (id, name) VALUES (2, 'twice')");
                throw new AssertionError("no error");
            } catch (SQLException expected) {
                connection.rollback();
            }
        }
    }

    private static void copy(Connection connection) throws Exception {
        CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
        StringBuilder lines = new StringBuilder();
        for (int i = 100; i < 200; i++) {
            lines.append(i).append("\tcopied ").append(i).append('\n');
        }
        long count = manager.copyIn("COPY people (id, name) FROM STDIN",
                new StringReader(lines.toString()));
        check(count == 100, "copied " + count);
        java.io.StringWriter out = new java.io.StringWriter();
        manager.copyOut("COPY (SELECT id, name FROM people ORDER BY id) TO STDOUT", out);
        check(out.toString().lines().count() == 120, "copied out");
        connection.commit();
    }

    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", arguments[1]);
        properties.setProperty("prepareThreshold", "2");
        try (Connection connection = DriverManager.getConnection(arguments[0], properties)) {
            generatedKeys(connection);
            batch(connection);
            cursor(connection);
            repeated(connection);
            errors(connection);
            copy(connection);
        }
        System.out.println("jdbc ok");
    }
}
