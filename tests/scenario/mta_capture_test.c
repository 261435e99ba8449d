/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a commercial MTA of 2005 sent, replayed over TCP at postern-mta: it is
 * served to its orderly release where its simple credentials are allowed, and
 * refused as it was refused then where they are not.  tshark says whether the
 * answers have the same structure as those in the captures.
 */
#include "lib/base/memory.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"
#include "tests/support/pcap.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the responder's PDUs have to have in common: one line for each, in these columns. */
#define COLUMNS                                                                          \
	"-e cotp.type -e ses.type -e ses.transport_flags -e ses.req.flags "               \
	"-e ses.reason_code -e pres.cpapdu -e pres.cprtype -e pres.result "               \
	"-e acse.aSO_context_name -e acse.result -e acse.result_source_diagnostic "      \
	"-e acse.service_user -e acse.reason -e rtse.rtoac_apdu_element "                 \
	"-e rtse.rtorj_apdu_element -e p1.MTABindResult -e p1.responder_name "            \
	"-e p1.ia5_string -e p1.MTABindError "

static void write_secret(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "we");

	assert_non_null(file);
	fprintf(file, "%s\n", text);
	fclose(file);
	assert_int_equal(chmod(scratch_path(name), 0600), 0);
}

/* The responder of the captures. */
static void start_guinevere(struct process *process, const char *password)
{
	FILE *file = fopen(scratch_path("mta.conf"), "we");

	assert_non_null(file);
	fprintf(file, "name = guinevere.smhs.co.uk\n"
		"domain = /PRMD=SMHS/ADMD=Test/C=GB/\n"
		"listen = 127.0.0.1:0\n"
		"queue = %s\n", scratch_path("queue.db"));
	fprintf(file, "mta = percival.smhs.co.uk 127.0.0.1:9 domain=/PRMD=SMHS/ADMD=Test/C=GB/ "
		"password-file=%s ", scratch_path("theirs"));
	fprintf(file, "own-password-file=%s\n", scratch_path("ours"));
	fclose(file);
	write_secret("theirs", password);
	write_secret("ours", "merlin");
	process_start(process, "postern-mta", scratch_path("mta.conf"), scratch_path("mta.log"));
}

static int connect_to(const struct process *process)
{
	const char *colon = strrchr(process->address, ':');
	struct sockaddr_in to = { .sin_family = AF_INET };
	const struct timeval limit = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(colon);
	to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void receive(int fd, uint8_t *to, size_t len)
{
	assert_int_equal(recv(fd, to, len, MSG_WAITALL), len);
}

/* One TPKT of the answer, recorded. */
static void take_answer(int fd, struct capture *record)
{
	uint8_t tpkt[2000];

	receive(fd, tpkt, 4);
	size_t len = (size_t)tpkt[2] << 8 | tpkt[3];
	assert_in_range(len, 7, sizeof(tpkt));
	receive(fd, tpkt + 4, len - 4);
	capture_segment(record, false, bytes_of(tpkt, len));
}

/* The initiator's octets, each behind the answer that it waited for. */
static void replay(const struct pcap *theirs, int fd, struct capture *record)
{
	for (size_t i = 0; i < theirs->count; i++) {
		const struct pcap_segment *segment = &theirs->segments[i];

		if (!segment->from_initiator)
			continue;
		capture_segment(record, true, segment->payload);
		assert_int_equal(send(fd, segment->payload.data, segment->payload.len, 0),
				 segment->payload.len);
		take_answer(fd, record);
	}
}

/* What tshark sees of the responder's PDUs; empty where there is no tshark.  free it. */
static char *structure_of(const char *path)
{
	char *command = mem_printf("tshark -r '%s' -Y 'tcp.srcport==102 && tpkt' -T fields " COLUMNS
				   "2>/dev/null", path);
	FILE *out = popen(command, "r");
	AUTO(buf_free) struct buf text = { 0 };
	char line[1000];

	while (out && fgets(line, sizeof(line), out))
		buf_put(&text, bytes_text(line));
	if (out)
		pclose(out);
	free(command);
	return mem_printf("%.*s", (int)text.len, (const char *)text.data);
}

static void compare_structure(const char *capture)
{
	const char *folder = getenv("POSTERN_DATA");
	char *path = mem_printf("%s/captures/%s", folder ? folder : "../shared/data", capture);
	char *then = structure_of(path);
	char *now = structure_of(scratch_path("replay.pcap"));

	if (then[0])
		assert_string_equal(now, then);
	else
		print_message("tshark is not here: the structure was not compared\n");
	free(path);
	free(then);
	free(now);
}

static void take_on(const char *capture, const char *password)
{
	struct process guinevere = { 0 };
	struct pcap theirs;
	char octet;

	if (!pcap_open(capture, &theirs))
		skip();
	start_guinevere(&guinevere, password);
	struct capture *record = capture_new(scratch_path("replay.pcap"));
	assert_non_null(record);
	int fd = connect_to(&guinevere);
	replay(&theirs, fd, record);
	shutdown(fd, SHUT_WR);
	assert_int_equal(recv(fd, &octet, 1, 0), 0);	/* and then it closes */
	close(fd);
	capture_free(&record);
	pcap_close(&theirs);
	process_stop(&guinevere);
	compare_structure(capture);
}

static void its_password_is_taken_to_the_orderly_release(void **state)
{
	(void)state;
	take_on("x400-ping-success.pcap", "excalibur");
}

static void another_password_is_refused_as_it_was_then(void **state)
{
	(void)state;
	take_on("x400-ping-refuse.pcap", "another");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_password_is_taken_to_the_orderly_release),
		TEST(another_password_is_refused_as_it_was_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
