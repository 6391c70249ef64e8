import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { DeliveryFailure } from "./delivery.ts";

/** An address that a name stands for. */
export type Address = { address: string; family: 4 | 6 };

// Special-purpose registries of the IANA: this machine, private networks, metadata services, documentation, multicast.
const closed = new BlockList();
for (const network of [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4"],
]) {
  const [address = "", bits] = network.split("/");
  closed.addSubnet(address, Number(bits), "ipv4");
}
// Of IPv6 only global unicast is open, and of that not what wraps an IPv4 address or is for documents.
const open = new BlockList();
open.addSubnet("2000::", 3, "ipv6");
for (const [address, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  closed.addSubnet(address, bits, "ipv6");
}

/** Whether an address is one of the Internet at large. */
export function isPublicAddress({ address, family }: Address): boolean {
  if (family === 4) return !closed.check(address, "ipv4");
  return open.check(address, "ipv6") && !closed.check(address, "ipv6");
}

/**
 * The addresses of a URL's host. Throws a DeliveryFailure: where there are none, and where one of them is not public, for a
 * name may be pointed at a machine that only this one reaches. Loopback passes where `localAllowed`.
 */
export async function addressesOf(url: URL, localAllowed: boolean): Promise<Address[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const found = family ? [{ address: host, family }] : await lookup(host, { all: true }).catch(() => []);
  const addresses = found as Address[];
  if (addresses.length === 0) throw new DeliveryFailure("unknown_host");
  const allowed = (each: Address) => isPublicAddress(each) || (localAllowed && isLoopback(each));
  if (!addresses.every(allowed)) throw new DeliveryFailure("private_address");
  return addresses;
}

function isLoopback({ address, family }: Address): boolean {
  return family === 4 ? address.startsWith("127.") : address === "::1";
}
