import type { Construct } from 'constructs';
import type { PublicEndpoint } from '../contracts/endpoint';
import { dnsLabel } from './option-rules';
import { displayValue, invalid, type Rule } from './validation';

/**
 * Regular expression for the users of a group: the group's name, or its rotated successors, such as
 * `north-2`.
 */
export const groupUserPattern = (group: string): string => `^${group}(-[1-9][0-9]{0,8})?$`;

/** Returns the group of a user; undefined if the user belongs to none. */
export function groupOfUser(user: string, groups: readonly string[]): string | undefined {
  return groups.find((group) => new RegExp(groupUserPattern(group)).test(user));
}

/** Rule for names of node groups, such that each user belongs to at most one group. */
export const groupNames: Rule = {
  allowed:
    'a list of different names of up to 63 lower-case letters, digits and dashes, such as ["north", "south"], ' +
    'none of which is another one with a numeric suffix ("north-2" is the successor of "north")',
  accepts: (value) => Array.isArray(value) && value.length > 0 && areUnambiguousGroups(value),
};

function areUnambiguousGroups(names: readonly unknown[]): boolean {
  const known = new Set(names);
  return (
    known.size === names.length &&
    names.every((name) => dnsLabel.accepts(name) && !known.has(withoutNumberSuffix(name as string)))
  );
}

/** Returns a name without the number that a rotation appends; undefined if there is none. */
const withoutNumberSuffix = (name: string): string | undefined => /^(.+)-[1-9][0-9]{0,8}$/.exec(name)?.[1];

/** Returns an endpoint with the certificate, the password or both that clients of a group have. */
function withGroupCredentials(endpoint: PublicEndpoint, group: string | undefined): PublicEndpoint {
  const { certificateGroups, clientCertificate, credentialsSecretName, ...others } = endpoint;
  if (!certificateGroups) return endpoint;
  const { names, havePasswords } = certificateGroups;
  const hasCertificate = group !== undefined && names.includes(group);
  return {
    ...others,
    ...(hasCertificate ? { clientCertificate } : { credentialsSecretName }),
    ...(havePasswords && { credentialsSecretName }),
  };
}

/**
 * Returns a public endpoint for the nodes of a group: where groups have users of their own, with the group's
 * Secret; where only some groups show certificates, with what this one shows.
 * @throws InvalidOptionError when the endpoint has groups and this is not one of them.
 */
export function endpointOfGroup(
  scope: Construct,
  shared: PublicEndpoint,
  group: string | undefined,
): PublicEndpoint {
  const endpoint = withGroupCredentials(shared, group);
  const { groups, url, credentialsSecretName } = endpoint;
  if (!groups) return endpoint;
  if (group === undefined || !groups.includes(group)) {
    throw invalid(
      scope,
      `group is ${displayValue(group)}; allowed: a group that may push to ${url}: ${groups.join(', ')}`,
    );
  }
  return {
    ...endpoint,
    group,
    credentialsSecretName: credentialsSecretName && `${credentialsSecretName}-${group}`,
  };
}
