/* SPDX-License-Identifier: Apache-2.0 */
/* TCP payloads of a capture: classic pcap, Ethernet, IPv4, one connection, nothing lost. */
#include "tests/support/pcap.h"

#include "lib/base/cursor.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <stdlib.h>

#define FILE_HEADER 24
#define ETHERNET_HEADER 14
#define TYPE_IPV4 0x0800
#define PROTOCOL_TCP 6
#define FLAG_SYN 0x02
#define FLAG_ACK 0x10

struct flow {
	bool known;
	uint16_t initiator_port;
};

static uint32_t little32(struct cursor *c)
{
	return __builtin_bswap32(cur_u32(c));
}

static void add_segment(struct pcap *p, bool from_initiator, struct bytes payload)
{
	p->segments = mem_grow(p->segments, p->count + 1, sizeof *p->segments);
	p->segments[p->count++] = (struct pcap_segment){ from_initiator, payload };
}

static void take_tcp(struct pcap *p, struct flow *flow, struct bytes packet)
{
	struct cursor tcp = cursor_over(packet);
	uint16_t source = cur_u16(&tcp);

	cur_take(&tcp, 2 + 4 + 4);
	size_t header = (size_t)(cur_u8(&tcp) >> 4) * 4;
	uint8_t flags = cur_u8(&tcp);

	if (flags & FLAG_SYN && !(flags & FLAG_ACK) && !flow->known)
		*flow = (struct flow){ true, source };
	struct bytes payload = bytes_slice(packet, header, packet.len);
	if (payload.len)
		add_segment(p, source == flow->initiator_port, payload);
}

static void take_frame(struct pcap *p, struct flow *flow, struct bytes frame)
{
	struct cursor ethernet = cursor_over(frame);

	cur_take(&ethernet, ETHERNET_HEADER - 2);
	if (cur_u16(&ethernet) != TYPE_IPV4)
		return;
	struct bytes packet = cur_rest(&ethernet);
	struct cursor ip = cursor_over(packet);
	size_t header = (size_t)(cur_u8(&ip) & 15) * 4;
	cur_u8(&ip);
	size_t length = cur_u16(&ip);	/* what follows is padding */
	cur_take(&ip, 5);
	if (cur_u8(&ip) == PROTOCOL_TCP && length >= header)
		take_tcp(p, flow, bytes_slice(packet, header, length - header));
}

static FALLIBLE take_file(struct pcap *p)
{
	struct cursor file = cursor_over(buf_view(&p->file));
	struct flow flow = { false, 0 };

	if (little32(&file) != 0xa1b2c3d4)
		return FAIL(ST_PEER, 0, "no classic little-endian pcap file");
	cur_take(&file, FILE_HEADER - 4);
	while (cur_left(&file)) {
		cur_take(&file, 8);
		uint32_t length = little32(&file);
		cur_u32(&file);
		struct bytes frame = cur_take(&file, length);
		TRY(cur_check(&file, "capture"));
		take_frame(p, &flow, frame);
	}
	return OK;
}

/* gzip writes plain files through unchanged with -f. */
static bool read_file(const char *path, struct buf *out)
{
	char *command = mem_printf("gzip -dcf < '%s' 2>/dev/null", path);
	FILE *from = popen(command, "r");
	size_t got;

	free(command);
	if (!from)
		return false;
	do {
		buf_reserve(out, 65536);
		got = fread(out->data + out->len, 1, 65536, from);
		out->len += got;
	} while (got);
	return pclose(from) == 0 && out->len;
}

bool pcap_open(const char *name, struct pcap *out)
{
	const char *data = getenv("POSTERN_DATA");
	char *path = mem_printf("%s/captures/%s", data ? data : "../shared/data", name);

	*out = (struct pcap){ 0 };
	if (!read_file(path, &out->file)) {
		print_message("  no %s: skipped\n", path);
		free(path);
		pcap_close(out);
		return false;
	}
	free(path);
	assert_ok(take_file(out));
	return true;
}

void pcap_close(struct pcap *p)
{
	buf_free(&p->file);
	free(p->segments);
	*p = (struct pcap){ 0 };
}

struct buf pcap_stream(const struct pcap *p, bool from_initiator)
{
	struct buf stream = { 0 };

	for (size_t i = 0; i < p->count; i++)
		if (p->segments[i].from_initiator == from_initiator)
			buf_put(&stream, p->segments[i].payload);
	return stream;
}
