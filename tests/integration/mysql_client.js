// node's mysql2: node mysql_client.js PORT. Prints what each step gave, a line of JSON
// each: text and prepared statements, values of each type, errors, a change of user.
"use strict";
const mysql = require("mysql2/promise");

const VALUES = [
  [1, "text", 1.5, new Date(Date.UTC(2024, 0, 2, 3, 4, 5)), Buffer.from([0, 255]), null],
  [2, "", -7, null, Buffer.alloc(70000, 120), true],
];

async function main() {
  const connection = await mysql.createConnection({
    host: "127.0.0.1", port: Number(process.argv[2]), user: "ann",
    password: "secret", database: "shop", multipleStatements: true,
    timezone: "Z", supportBigNumbers: true, bigNumberStrings: true, charset: "utf8mb4",
  });
  async function say(step) {
    try {
      const [rows, fields] = await step();
      console.log(JSON.stringify([rows, fields && fields.map(
        (field) => field && (field.name || field.map((it) => it.name)))]));
    } catch (error) {
      console.log(JSON.stringify([error.errno, error.sqlState, error.message]));
    }
  }
  const query = (text) => say(() => connection.query(text));
  const execute = (text, values) => say(() => connection.execute(text, values));

  await query("CREATE TABLE kinds (a INT PRIMARY KEY, b VARCHAR(20), c DOUBLE," +
              " d DATETIME(3), e MEDIUMBLOB, f TINYINT, g TIME(2) DEFAULT '-12:34:56.78'," +
              " h DECIMAL(20,5) DEFAULT 12.5, i YEAR DEFAULT 2024," +
              " j BIGINT UNSIGNED DEFAULT 18446744073709551615, k BIT(9) DEFAULT b'101'," +
              " l DATE DEFAULT '2024-02-29', m FLOAT DEFAULT 0.25)");
  for (const values of VALUES)
    await execute("INSERT INTO kinds (a, b, c, d, e, f) VALUES (?, ?, ?, ?, ?, ?)",
                  values);
  await execute("SELECT * FROM kinds WHERE a >= ? ORDER BY a", [1]);
  await query("SELECT * FROM kinds ORDER BY a");
  await execute("SELECT * FROM kinds WHERE b = ?", ["none"]);
  await execute("INSERT INTO kinds (a) VALUES (?)", [1]);
  await execute("SELECT no_such FROM kinds", []);
  await execute("UPDATE kinds SET b = ? WHERE a > ?", ["text", 0]);
  await query("SELECT 1 AS x; SELECT 2 AS y; UPDATE kinds SET f = 3; SELECT 4");
  await connection.beginTransaction();
  await execute("DELETE FROM kinds WHERE a = ?", [2]);
  await connection.rollback();
  await execute("SELECT COUNT(*) FROM kinds", []);
  await query("CREATE PROCEDURE p(IN n INT) BEGIN SELECT n; SELECT n + 1; END");
  await execute("CALL p(?)", [41]);
  for (let i = 0; i < 200; i++) // more than the driver keeps: it closes some
    await execute(`SELECT ${i} + ?`, [i]);
  await connection.changeUser({ user: "eva", password: "secret", database: "mysql" });
  await execute("SELECT CURRENT_USER(), DATABASE(), ?", [1]);
  await connection.ping();
  await connection.end();
}

main();
