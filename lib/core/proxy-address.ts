import { isIPv6 } from 'node:net';
import { port } from './option-rules';
import type { Rule } from './validation';

/** Pattern for the URL of a proxy: a host name, an IPv4 address or an IPv6 address in brackets, with a port. */
const ADDRESS = /^http:\/\/(?:[a-z0-9]+(?:[-.][a-z0-9]+)*|\[([0-9a-f:.]+)\]):(\d{1,5})$/;

/** Validation rule for the URL of an HTTP proxy. User name and password of the proxy are in files, not in the URL. */
export const proxyAddress: Rule = {
  allowed:
    'an http:// URL with a host name or an IP address (IPv6 in brackets) and a port, without credentials and path, such as "http://proxy.example.com:3128" or "http://[2001:db8::7]:3128"',
  accepts: (value) => {
    const [, ipv6, number] = (typeof value === 'string' && ADDRESS.exec(value)) || [];
    return number !== undefined && port.accepts(Number(number)) && (ipv6 === undefined || isIPv6(ipv6));
  },
};
