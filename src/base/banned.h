/*
 * Functions whose use is a compile error. Included by the compiler's command
 * line (-include) in every file of ours, so that it cannot be forgotten.
 */
#ifndef PARALLAX_BASE_BANNED_H
#define PARALLAX_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf atoi atol atof gets strtok

#endif
