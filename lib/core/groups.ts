import type { Construct } from 'constructs';
import type { PublicEndpoint } from '../contracts/endpoint';
import { dnsLabel } from './option-rules';
import { invalid, type Rule, shown } from './validation';

/** Who is of a group: the user of its name, and those that took over from it, such as `north-2`. */
export const usersOfGroup = (group: string): string => `^${group}(-[1-9][0-9]{0,8})?$`;

/** The group of a user; undefined where it is of none. */
export function groupOf(user: string, groups: readonly string[]): string | undefined {
  return groups.find((group) => new RegExp(usersOfGroup(group)).test(user));
}

/** Names of groups of nodes, of which every user belongs to one at most. */
export const groupNames: Rule = {
  allowed:
    'a list of different names of up to 63 lower-case letters, digits and dashes, such as ["north", "south"], ' +
    'where none is another one with a number at its end ("north-2" takes over from "north")',
  accepts: (value) => Array.isArray(value) && value.length > 0 && areApart(value),
};

function areApart(names: readonly unknown[]): boolean {
  const known = new Set(names);
  return (
    known.size === names.length &&
    names.every((name) => dnsLabel.accepts(name) && !known.has(withoutCount(name as string)))
  );
}

/** A name without the number that a rotation puts at its end; undefined where there is none. */
const withoutCount = (name: string): string | undefined => /^(.+)-[1-9][0-9]{0,8}$/.exec(name)?.[1];

/**
 * A public endpoint as the nodes of a group reach it: where groups have users of their own, with the Secret of
 * theirs.
 *
 * @throws InvalidOptionError when the endpoint knows groups, and not this one.
 */
export function endpointOf(
  scope: Construct,
  endpoint: PublicEndpoint,
  group: string | undefined,
): PublicEndpoint {
  const { groups, url, credentialsSecretName } = endpoint;
  if (!groups) return endpoint;
  if (group === undefined || !groups.includes(group)) {
    throw invalid(
      scope,
      `group is ${shown(group)}; allowed: a group that may push to ${url}: ${groups.join(', ')}`,
    );
  }
  return { ...endpoint, group, credentialsSecretName: `${credentialsSecretName}-${group}` };
}
