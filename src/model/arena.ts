/** Which buffers share room: buffers that are never alive together may overlap. */

export interface Tenant {
  readonly bytes: number;
  /** The first and the last step that touch it. */
  readonly first: number;
  readonly last: number;
  /** Where it begins, in bytes from the start of the arena: the result. */
  offset: number;
}

const ALIGNMENT = 64;

/**
 * Gives every tenant an offset, the largest first, each at the lowest place where it meets nobody alive at the same time
 * (greedy by size, as in Pisarchyk & Lee 2020, arXiv 2001.03288). Returns the bytes of the arena.
 */
export function layOut(tenants: readonly Tenant[]): number {
  const placed: Tenant[] = [];
  let total = 0;
  for (const tenant of [...tenants].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    tenant.offset = lowestGap(tenant, placed);
    total = Math.max(total, tenant.offset + align(tenant.bytes));
    placed.push(tenant);
    placed.sort((a, b) => a.offset - b.offset);
  }
  return total;
}

/** The lowest offset at which `tenant` fits between those of `placed` (sorted by offset) that live when it does. */
function lowestGap(tenant: Tenant, placed: readonly Tenant[]): number {
  const size = align(tenant.bytes);
  let offset = 0;
  for (const other of placed) {
    if (other.last < tenant.first || other.first > tenant.last) continue;
    if (offset + size <= other.offset) break;
    offset = Math.max(offset, other.offset + align(other.bytes));
  }
  return offset;
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
