import type { NetworkPeer } from '../contracts/network';
import { cidr, dnsLabel, isRecord, labels, port, someOf } from './option-rules';
import { options, required } from './structure-rules';
import { problemsOf, type Rule, violation } from './validation';

type Pods = Extract<NetworkPeer, { namespace: string }>;
type Addresses = Extract<NetworkPeer, { cidrs: readonly string[] }>;

const pods = options<Pods>({ namespace: required(dnsLabel), podLabels: labels });
const addresses = options<Addresses>({ cidrs: required(someOf(cidr)) });
const anywhere: Rule = { allowed: 'true', accepts: (value) => value === true };
const everyAddress = options<{ anywhere: true }>({ anywhere: required(anywhere) });

/** One end of a connection. */
export const networkPeer: Rule = {
  allowed: '{ namespace: "shop" }, { cidrs: ["10.0.0.0/16"] } or { anywhere: true }',
  accepts: (value) => networkPeer.problems?.(value, '').length === 0,
  problems: (value, path) => {
    if (!isRecord(value)) return [violation(path, value, networkPeer)];
    if ('cidrs' in value) return problemsOf(path, value, addresses);
    return problemsOf(path, value, 'anywhere' in value ? everyAddress : pods);
  },
};

/** Something that listens; its class may have more than a rule can know. */
export const networkServer: Rule = {
  allowed: 'something with a peer, a port and admit(), as a construct of this stack has it',
  accepts: (value) => networkServer.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { peer, port: number, admit } = Object(value);
    if (typeof admit !== 'function' || peer === undefined) return [violation(path, value, networkServer)];
    return [...problemsOf(`${path}.peer`, peer, networkPeer), ...problemsOf(`${path}.port`, number, port)];
  },
};
