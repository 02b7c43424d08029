import { BlockList, isIP } from 'node:net';

/** @returns whose address it is that a request came from, where proxies stand between. */
export type CallerAddress = (peer: string, forwardedFor: string | undefined) => string;

/**
 * Each proxy writes behind what stands in `X-Forwarded-For` who asked it: so the caller is the last who is no proxy of ours. What stands before, the caller
 * may have written himself.
 *
 * @param proxies addresses and networks, `10.0.0.0/8`, whose word counts.
 */
export function createCallerAddress(proxies: readonly string[]): CallerAddress {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits = isIP(address) === 6 ? 128 : 32] = proxy.split('/');
    trusted.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  const isTrusted = (address: string) =>
    isIP(address) > 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (peer, forwardedFor = '') => {
    let address = peer;
    for (const before of forwardedFor.split(',').reverse()) {
      if (before.trim() === '' || !isTrusted(address)) break;
      address = withoutPort(before.trim());
    }
    return address;
  };
}

/** Some proxies (Azure's) write `192.0.2.1:4711` and `[2001:db8::1]:4711`: a port tells no callers apart. */
function withoutPort(address: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d+$/, '$1');
}

/** `10.0.0.0/8`, `::1`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number;
  return more.length === 0 && most > 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most));
}
