/*
 * What the server knew when it read a statement. The same bytes are other
 * tokens under another mode:
 *
 *	SELECT "a" || 'b\'		ANSI_QUOTES, PIPES_AS_CONCAT,
 *					NO_BACKSLASH_ESCAPES: concat(`a`, 'b\\')
 *
 * A comment with a version is code for one server and nothing for another.
 */
#ifndef PARALLAX_ADAPTERS_MYSQL_MODE_H
#define PARALLAX_ADAPTERS_MYSQL_MODE_H

/* The parts of sql_mode that the lexer and the parser see. */
enum mysql_mode_flag {
	MYSQL_ANSI_QUOTES = 1,
	MYSQL_PIPES_AS_CONCAT = 2,
	MYSQL_NO_BACKSLASH_ESCAPES = 4,
	MYSQL_IGNORE_SPACE = 8,
	MYSQL_HIGH_NOT_PRECEDENCE = 16,
};

/* The client's character set (character_set_client), as far as its bytes can
 * be taken for others: the second byte of a character may be ASCII there. */
enum mysql_charset {
	MYSQL_CHARSET_PLAIN, /* utf8, latin1, ...: no such byte */
	MYSQL_CHARSET_SJIS,  /* and cp932 */
	MYSQL_CHARSET_GBK,
	MYSQL_CHARSET_BIG5,
	MYSQL_CHARSET_GB18030,
};

enum mysql_server { MYSQL_SERVER_MYSQL, MYSQL_SERVER_MARIADB };

struct mysql_mode {
	unsigned flags; /* of mysql_mode_flag */
	enum mysql_charset charset;
	enum mysql_server server;
	unsigned version; /* 50744, 80036, 101119 */
};

#endif
