/*
 * One line to stderr, key=value:
 *
 *	time=2026-01-02T03:04:05.678Z level=info process=relay event="..." k=v
 *
 * The message is printf; give it keys of its own: LOG_INFO("listening",
 * "address=%s", address). The level is tested before arguments are evaluated.
 * Each value is escaped by itself: it is quoted where the format says so, or
 * where it is empty or holds a space, a quote, a backslash, '=' or a control
 * byte; in quotes '"' and '\\' have a backslash before them, and control bytes
 * are \\xNN everywhere. Statement literals and bind values are never logged.
 *
 * In a process that has called log_init nothing here waits for stderr: lines
 * that find the queue full (256 KiB) are dropped, and a line "log lines
 * dropped" has their number once there is room again. All is thread-safe.
 */
#ifndef PARALLAX_BASE_LOG_H
#define PARALLAX_BASE_LOG_H

enum log_level {
	LOG_ERROR_LEVEL,
	LOG_WARN_LEVEL,
	LOG_INFO_LEVEL,
	LOG_DEBUG_LEVEL
};

extern enum log_level log_threshold;

/*
 * Sets the level and the name that process= shows (borrowed for good), and logs
 * through the queue from now on. Call it again after a fork, with the child's
 * name.
 */
void log_init(enum log_level level, const char *process);

void log_line(enum log_level level, const char *event, const char *fields, ...)
    __attribute__((format(printf, 3, 4)));

#define LOG_AT(level, ...)                                                     \
	do {                                                                   \
		if ((level) <= log_threshold)                                  \
			log_line((level), __VA_ARGS__);                        \
	} while (0)
#define LOG_ERROR(...) LOG_AT(LOG_ERROR_LEVEL, __VA_ARGS__)
#define LOG_WARN(...)  LOG_AT(LOG_WARN_LEVEL, __VA_ARGS__)
#define LOG_INFO(...)  LOG_AT(LOG_INFO_LEVEL, __VA_ARGS__)
#define LOG_DEBUG(...) LOG_AT(LOG_DEBUG_LEVEL, __VA_ARGS__)

#endif
