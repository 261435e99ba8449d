/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/capture.h"

#include "lib/base/memory.h"
#include "lib/base/status.h"

#include <stdio.h>

enum {
	LINKTYPE_RAW = 101,	/* the frame begins with the IP header */
	IP_HEADER = 20,
	TCP_HEADER = 20,
	SEGMENT_MAX = 32768,
	SYN = 0x02,
	PUSH = 0x08,
	ACK = 0x10,
};

struct capture {
	FILE *file;
	uint32_t next[2];	/* sequence numbers: of the server, of the client */
	uint32_t frames;
};

/* The pcap headers are in the writer's byte order, which its magic number tells. */
static void put_native(FILE *f, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, f);
}

static void put_frame(struct capture *c, bool from_client, uint8_t flags, struct bytes octets)
{
	AUTO(buf_free) struct buf frame = { 0 };
	size_t len = IP_HEADER + TCP_HEADER + octets.len;

	buf_put_u16(&frame, 0x4500);
	buf_put_u16(&frame, (uint16_t)len);
	buf_put_u32(&frame, 0);
	buf_put_u32(&frame, 0x40060000);	/* time to live, TCP, no checksum */
	buf_put_u32(&frame, from_client ? 0x7f000001 : 0x7f000002);
	buf_put_u32(&frame, from_client ? 0x7f000002 : 0x7f000001);

	buf_put_u16(&frame, from_client ? 40102 : 102);
	buf_put_u16(&frame, from_client ? 102 : 40102);
	buf_put_u32(&frame, c->next[from_client]);
	buf_put_u32(&frame, flags == SYN ? 0 : c->next[!from_client]);
	buf_put_u8(&frame, 0x50);
	buf_put_u8(&frame, flags);
	buf_put_u16(&frame, 0xffff);
	buf_put_u32(&frame, 0);
	buf_put(&frame, octets);

	put_native(c->file, c->frames / 1000000);
	put_native(c->file, c->frames++ % 1000000);
	put_native(c->file, (uint32_t)frame.len);
	put_native(c->file, (uint32_t)frame.len);
	fwrite(frame.data, frame.len, 1, c->file);
	c->next[from_client] += (uint32_t)octets.len + ((flags & SYN) != 0);
}

struct capture *capture_new(const char *path)
{
	FILE *file = fopen(path, "wb");
	struct capture *c;

	if (!file)
		return NULL;
	c = mem_new(struct capture);
	c->file = file;
	put_native(file, 0xa1b2c3d4);
	fwrite((const uint16_t[]){ 2, 4 }, sizeof(uint16_t), 2, file);	/* version */
	put_native(file, 0);
	put_native(file, 0);
	put_native(file, 0x40000);
	put_native(file, LINKTYPE_RAW);
	put_frame(c, true, SYN, bytes_none());
	put_frame(c, false, SYN | ACK, bytes_none());
	put_frame(c, true, ACK, bytes_none());
	return c;
}

void capture_free(struct capture **capture)
{
	struct capture *c = TAKE(*capture);

	if (!c)
		return;
	fclose(c->file);
	mem_free(&c);
}

void capture_segment(struct capture *c, bool from_client, struct bytes octets)
{
	while (octets.len) {
		struct bytes segment = bytes_slice(octets, 0, SEGMENT_MAX);

		put_frame(c, from_client, PUSH | ACK, segment);
		octets = bytes_slice(octets, segment.len, SIZE_MAX);
	}
}
