namespace Dataplane.Fuzz.Rig;

/// <summary>
/// The native side of <see cref="FakeDpdk"/>. The fast path calls DPDK without telling the collector, so what it calls must
/// be native code; these few functions are compiled once and kept here as position-independent x86-64 bytes. The rig puts
/// <c>mov r, context</c> in front of each, r being the register of the argument after the last one that DPDK has.
/// <code>
/// // gcc 12.2 -Os -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables
/// //          -mgeneral-regs-only -ffunction-sections -c; objcopy -O binary --only-section=.text.NAME
/// typedef unsigned long u64; typedef unsigned int u32; typedef unsigned short u16; typedef unsigned char u8;
/// struct mbuf { u8 *buf; u64 iova; u16 data_off, refcnt, nb_segs, port; u64 flags; u32 type, pkt_len; u16 data_len; };
/// struct entry { struct mbuf *mbuf; u32 pkt_len; u16 data_off, data_len, kind, port, queue, nb_segs; };
/// struct context { u64 tsc; struct entry *log; u64 count; u32 room[32]; struct mbuf **rx[32]; u32 waiting[32]; };
/// struct ring { u32 capacity, head, count, unused; void *items[]; };
///
/// // Writes down what came out and spoils the mbuf: it belongs to the driver now.
/// static inline void record(struct context *c, struct mbuf *m, u16 kind, u16 port, u16 queue) {
///   struct entry *e = c->log + c->count++;
///   e->mbuf = m; e->pkt_len = m->pkt_len; e->data_off = m->data_off; e->data_len = m->data_len;
///   e->kind = kind; e->port = port; e->queue = queue; e->nb_segs = m->nb_segs;
///   m->pkt_len = 0xDDDDDDDD; m->data_off = 0xDDDD; m->data_len = 0xDDDD; m->nb_segs = 0xDDDD;
/// }
/// u16 rx_burst(u16 port, u16 queue, struct mbuf **m, u16 n, struct context *c) {
///   u16 i = 0;
///   for (; i &lt; n &amp;&amp; c->waiting[port]; i++, c->waiting[port]--) m[i] = *c->rx[port]++;
///   return i;
/// }
/// u16 tx_burst(u16 port, u16 queue, struct mbuf **m, u16 n, struct context *c) {
///   u16 i = 0;
///   for (; i &lt; n &amp;&amp; c->room[port]; i++, c->room[port]--) record(c, m[i], 1, port, queue);
///   return i;
/// }
/// void free_bulk(struct mbuf **m, u32 n, struct context *c) { for (u32 i = 0; i &lt; n; i++) record(c, m[i], 2, 0, 0); }
/// u32 ring_enqueue(struct ring *r, void **o, u32 n) {
///   u32 i = 0;
///   for (; i &lt; n &amp;&amp; r->count &lt; r->capacity; i++) r->items[(r->head + r->count++) % r->capacity] = o[i];
///   return i;
/// }
/// u32 ring_dequeue(struct ring *r, void **o, u32 n) {
///   u32 i = 0;
///   for (; i &lt; n &amp;&amp; r->count; i++, r->count--) { o[i] = r->items[r->head]; r->head = (r->head + 1) % r->capacity; }
///   return i;
/// }
/// u64 tsc(struct context *c) { return c->tsc; }
/// </code>
/// </summary>
internal static class FakeCode
{
    internal const string RxBurst =
        "0fb7ff4889d631c04c8d4f644883c7124189c26639c8732a438b54880885d274214d8b54f808ffca4d8d5a084d8b124d895cf8084c8914"
        + "c648ffc04389548808ebce4489d0c3";

    internal const string TxBurst =
        "0fb7ff554989d34189f2534989f989cb4883c70431c989c86639d97374418b74b80885f6746b498b4010498b14cbffce48ffc1488d6801"
        + "498968108b6a24486bc018490340088968088b6a104889106689680c8b6a2866c7401001006689680e8b6a146644894812664489501466"
        + "896816c74224dddddddd66c74210dddd66c74228dddd66c74214dddd418974b808eb855b5dc3";

    internal const string FreeBulk =
        "4989f831ff39f77369488b4210498b0cf848ffc74c8d48014c894a10448b4924486bc0184803420844894808448b491048890866448948"
        + "0c448b4928c7401002000000664489480e448b491466c7401400006644894816c74124dddddddd66c74110dddd66c74128dddd66c74114"
        + "ddddeb93c3";

    internal const string RingEnqueue =
        "4889f94189d131ff89fa4439cf73278b4108448b014439c0731c8d50010341044c8b14fe48ffc789510831d241f7f04c8954d110ebd289"
        + "d0c3";

    internal const string RingDequeue =
        "4989f04889f94189d131f689f04439ce73298b790885ff74228b5104ffcf4889d0488b54d110ffc0498914f031d248ffc6f73189790889"
        + "5104ebd0c3";

    internal const string Tsc = "488b07c3";

    /// <summary>Opcodes of <c>mov reg, imm64</c>.</summary>
    internal static ReadOnlySpan<byte> MovRdi => [0x48, 0xBF];

    internal static ReadOnlySpan<byte> MovRdx => [0x48, 0xBA];

    internal static ReadOnlySpan<byte> MovR8 => [0x49, 0xB8];
}
