import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Connects to each URL on its input, and prints a line for it: "ok USER", or why
 * that failed.
 */
public class TlsClient {
    public static void main(String[] arguments) throws Exception {
        BufferedReader urls = new BufferedReader(new InputStreamReader(System.in));
        for (String url = urls.readLine(); url != null; url = urls.readLine()) {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT current_user")) {
                rows.next();
                System.out.println("ok " + rows.getString(1));
            } catch (SQLException failure) {
                System.out.println(failure.getMessage().replace('\n', ' '));
            }
        }
    }
}
