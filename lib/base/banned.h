/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that overrun, share state between threads or hide errors: using one
 * does not compile.  The compiler includes this before every file of ours; the
 * system's headers that declare them come first.
 */
#ifndef LIB_BASE_BANNED_H
#define LIB_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#pragma GCC poison strcpy strcat sprintf vsprintf stpcpy strncat gets
#pragma GCC poison strtok gmtime localtime ctime asctime
#pragma GCC poison atoi atol atoll atof tmpnam mktemp

#endif
