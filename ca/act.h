/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was asked for, as octets that can wait and be signed: the command, its options, and the
 * octets of the files it is about, so that nothing that lies elsewhere can change it.  Where its
 * results go is left out: that is said by whoever lets it be carried out.
 */
#ifndef CA_ACT_H
#define CA_ACT_H

#include "ca/cmd.h"

/* Appends the act that a command line asks of an authority. */
FALLIBLE act_of(const struct invocation *invocation, const struct authority *ca, struct buf *out_act);

/* An act that is done again, as if by its command line. */
struct replay {
	struct invocation invocation;
	json_t *act;
	struct ca_settings settings;	/* of the invocation */
	char **arguments;
	size_t argument_count;
	struct act_file {	/* octets that are in memory */
		int fd;
		char path[32];
	} file, proof;		/* what the command is about; and what an option names */
};

/*
 * Reads an act.  The options of the approver's command line that say where results go, and how,
 * are added.  ST_REFUSED where the profiles of the settings have changed since.  replay_cleanup in
 * any case.
 */
FALLIBLE replay_begin(struct bytes act, const struct invocation *approving, struct replay *out_replay);
void replay_cleanup(struct replay *replay);

#endif
