import { problemsOfUnsupportedIngressOptions } from '../access/site-options';
import { type Namespaces, namespacesWithDefaults } from '../core/platform-options';
import type { Hosts, IngressSettings, Settings } from './settings';

/**
 * Returns an error for each combination of settings that is not allowed. The components themselves check
 * combinations of their own settings.
 */
export function settingCombinationProblems(settings: Settings): string[] {
  return [
    ...duplicateNamespaceProblems(settings.namespaces),
    ...duplicateHostProblems(settings.hosts),
    ...problemsOfUnsupportedTls(settings.ingress),
    ...problemsOfDuplicateGroupNames(settings.edge?.groups),
    ...problemsOfUndefinedNodeGroupsInAuthentication(settings),
  ];
}

/**
 * Returns an error if two of the namespaces in the setting `namespaces` have the same name. A namespace has a single
 * Pod Security level, and the level of the cloud components does not allow agents that access the host.
 */
function duplicateNamespaceProblems(namespaces?: Partial<Namespaces>): string[] {
  const { cloud, nodes, edge } = namespacesWithDefaults(namespaces);
  const names = [cloud, nodes, edge];
  return new Set(names).size === names.length
    ? []
    : [
        `settings.namespaces contains the same name twice: cloud "${cloud}", nodes "${nodes}", edge "${edge}"; allowed: three different names, because each namespace has its own Pod Security level`,
      ];
}

/**
 * Returns an error for each host that another setting already uses. Each public host has its own users, limits and
 * certificate.
 */
function duplicateHostProblems(hosts: Hosts): string[] {
  const names = Object.entries(hosts);
  return names.flatMap(([option, host], index) => {
    const [other] = names.slice(0, index).find(([, taken]) => taken === host) ?? [];
    return other && host
      ? [
          `settings.hosts.${option} is "${host}", the same as settings.hosts.${other}: set a different host, such as "${option}.example.com"`,
        ]
      : [];
  });
}

const problemsOfUnsupportedTls = ({ controller, tls }: IngressSettings = {}): string[] =>
  controller ? problemsOfUnsupportedIngressOptions(controller, { tls }, 'settings.ingress.') : [];

/** Returns an error for each node group that has the same name as an earlier group. */
const problemsOfDuplicateGroupNames = (groups: readonly { readonly name: string }[] = []): string[] =>
  groups.flatMap(({ name }, index) =>
    groups.findIndex((other) => other.name === name) < index
      ? [
          `settings.edge.groups[${index}].name is "${name}", which another group already uses: set a unique name`,
        ]
      : [],
  );

/** Returns an error for each group in `nodeCertificate()` that no setting of `edge` defines. */
function problemsOfUndefinedNodeGroupsInAuthentication({ ingress, edge }: Settings): string[] {
  const { names = [] } = ingress?.authentication?.certificates?.groups ?? {};
  const known = [edge?.group, ...(edge?.groups ?? []).map(({ name }) => name)].filter(Boolean);
  return names
    .filter((name) => !known.includes(name))
    .map(
      (name) =>
        `settings.ingress.authentication: nodeCertificate({ groups }) contains "${name}", which is not a group in settings.edge; allowed: ${known.join(', ') || 'no groups, because settings.edge defines none'}`,
    );
}
