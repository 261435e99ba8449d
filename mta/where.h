/* SPDX-License-Identifier: Apache-2.0 */
/* "Where is my message?": the command postern-mta where. */
#ifndef MTA_WHERE_H
#define MTA_WHERE_H

int where_main(int argc, char **argv);

#endif
