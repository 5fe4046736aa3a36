#include "ask.h"

struct xdp_rxq_info { const u8 *dev; u32 queue_index; } core;
struct xdp_buff { const struct xdp_rxq_info *rxq; u32 frame_sz; } core;

struct xdp_md { u32 data, data_end; };
u64 places[4];

SEC("xdp") int packet_filter(struct xdp_md *ctx)
{
	const u8 *start = (const u8 *)(long)ctx->data;

	if (start + 14 > (const u8 *)(long)ctx->data_end)
		return 0;
	if (start[12] != 8)
		return 2;
	if (EXISTS(((struct xdp_buff *)0)->rxq))
		places[0] = OFFSET(((struct xdp_buff *)0)->rxq);
	if (EXISTS(((struct xdp_buff *)0)->frame_sz)) {
		places[1] = OFFSET(((struct xdp_buff *)0)->frame_sz);
		places[2] = SIZE(((struct xdp_buff *)0)->frame_sz);
	}
	if (EXISTS(((struct xdp_rxq_info *)0)->queue_index))
		places[3] = OFFSET(((struct xdp_rxq_info *)0)->queue_index);
	return 1;
}
