import type { Construct } from 'constructs';
import type { PublicEndpoint } from '../contracts/endpoint';
import { dnsLabel } from './option-rules';
import { formatValue, optionError, type Rule } from './validation';

/**
 * Returns the regular expression for the users of a group: the name of the group, such as `north`, and the
 * names after rotations, such as `north-2`.
 */
export const userNamePatternOfGroup = (group: string): string => `^${group}(-[1-9][0-9]{0,8})?$`;

/** Returns the group of a user. Returns `undefined` if the user belongs to no group. */
export function groupOfUser(user: string, groups: readonly string[]): string | undefined {
  return groups.find((group) => new RegExp(userNamePatternOfGroup(group)).test(user));
}

/** Validation rule for a list of node groups. Each user name must belong to at most one group. */
export const groupNames: Rule = {
  allowed:
    'a list of different names with up to 63 lower-case letters, digits and dashes, such as ["north", "south"]; not both "north" and "north-2", because the user of the group "north" gets the name "north-2" when its password is rotated',
  accepts: (value) => Array.isArray(value) && value.length > 0 && areValidGroupNames(value),
};

function areValidGroupNames(names: readonly unknown[]): boolean {
  const known = new Set(names);
  return (
    known.size === names.length &&
    names.every(
      (name) => dnsLabel.accepts(name) && !known.has(tryRemoveRotationNumberFromUserName(name as string)),
    )
  );
}

/**
 * Removes the number that a password rotation appends to a user name: returns `north` for `north-2`. Returns
 * `undefined` if the name does not end with such a number.
 */
const tryRemoveRotationNumberFromUserName = (name: string): string | undefined =>
  /^(.+)-[1-9][0-9]{0,8}$/.exec(name)?.[1];

/**
 * Returns an endpoint with the credentials that clients of a group use: the certificate, the password, or both.
 * If the endpoint has no certificate groups, returns the endpoint unchanged.
 */
function keepOnlyCredentialsOfGroup(endpoint: PublicEndpoint, group: string | undefined): PublicEndpoint {
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
 * Returns an endpoint with the credentials of a node group: the Secret of the group's user, the node certificate,
 * or both. If all nodes push as the same user, the Secret is the shared Secret of the endpoint.
 * @throws InvalidOptionError when the endpoint has a user for each group, and `group` is not one of its groups.
 */
export function clientEndpointOfGroup(
  scope: Construct,
  shared: PublicEndpoint,
  group: string | undefined,
): PublicEndpoint {
  const endpoint = keepOnlyCredentialsOfGroup(shared, group);
  const { groups, url, credentialsSecretName } = endpoint;
  if (!groups) return endpoint;
  if (group === undefined || !groups.includes(group)) {
    throw optionError(
      scope,
      `the option "group" is ${formatValue(group)}; allowed: the groups that may push to ${url}: ${groups.join(', ')}`,
    );
  }
  return {
    ...endpoint,
    group,
    credentialsSecretName: credentialsSecretName && `${credentialsSecretName}-${group}`,
  };
}
