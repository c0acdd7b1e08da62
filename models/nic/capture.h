/* capture.h: the frames of chosen ports, byte for byte, for whoever traces the run.
 *
 *     FabricPort --- tap ---> packet to bytes (models/frame) --- SimTrace ---> sink
 *
 * Private to this folder. A SimPacket knows sizes and fields that decide something; what else a
 * frame shows is made up here from paths, the same in every run (capture_names.h): addresses,
 * queue pair numbers, keys, TCP's ports and initial sequence numbers. Payload is zeros.
 *
 * A router writes its own MAC and the next one's into an IP frame and takes one from its hop limit,
 * which begins at 64. The MACs of a routed frame between hosts' ports and routers are so those of
 * the cable it is on.
 *
 * What the bytes cannot say stands in a comment: that a frame is a CNP, which has no name in tshark
 * 4.0, and that it took more or less of the line than the bytes shown (options of the link that
 * leave out headers).
 *
 * Not shown: a frame still on its cable at the end of the run or when the cable is cut; the
 * handshake of connections that stand at the start. */
#ifndef MODELS_NIC_CAPTURE_H
#define MODELS_NIC_CAPTURE_H

#include "models/nic/nic.h"

/* Offers every port to the trace of the run and taps those it wants. Does nothing without a
 * trace. After fabric_complete. */
void nic_capture_wire(SimRun *run);

#endif
