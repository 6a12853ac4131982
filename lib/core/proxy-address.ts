import { isIPv6 } from 'node:net';
import { port } from './option-rules';
import type { Rule } from './validation';

/** A host name, an IPv4 address, or an IPv6 address in brackets, with a port. */
const ADDRESS = /^http:\/\/(?:[a-z0-9]+(?:[-.][a-z0-9]+)*|\[([0-9a-f:.]+)\]):(\d{1,5})$/;

/** Rule for the URL of an HTTP proxy; its user and password are in files. */
export const proxyAddress: Rule = {
  allowed:
    'http://, a host name or an IP address (IPv6 in brackets), a colon and a port, without credentials and path, such as "http://proxy.example.com:3128"',
  accepts: (value) => {
    const [, ipv6, number] = (typeof value === 'string' && ADDRESS.exec(value)) || [];
    return number !== undefined && port.accepts(Number(number)) && (ipv6 === undefined || isIPv6(ipv6));
  },
};
