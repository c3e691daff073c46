import type { ClaimRequest } from "./broker.ts";
import type { WorkerSlot } from "./worker-slot.ts";

export interface Want {
  slot: WorkerSlot;
  request: ClaimRequest;
}

/**
 * What to ask for: each slot's own wish, and where `room` is short an equal part each, what the small ones leave going to the
 * others. So a flooded topic does not take the room of the rest.
 */
export function shareOut(slots: readonly WorkerSlot[], room: number): Want[] {
  const hungry = slots.filter((slot) => slot.wanted > 0).sort((a, b) => a.wanted - b.wanted);
  const wants: Want[] = [];
  let left = room;
  hungry.forEach((slot, i) => {
    const max = Math.min(slot.wanted, Math.ceil(left / (hungry.length - i)));
    if (max <= 0) return;
    left -= max;
    wants.push({ slot, request: { topic: slot.worker.topic, groupId: slot.worker.groupId, max } });
  });
  return wants;
}
