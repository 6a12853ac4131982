import { unsupportedSiteOptions } from '../access/site-options';
import { type Namespaces, namespacesWithDefaults } from '../core/platform-options';
import type { Hosts, IngressSettings, Settings } from './settings';

/** Returns an error for each combination of settings that is not allowed, whichever components there are. */
export function relationProblems(settings: Settings): string[] {
  return [
    ...sharedNamespaceProblems(settings.namespaces),
    ...sharedHostProblems(settings.hosts),
    ...unsupportedTlsProblems(settings.ingress),
    ...duplicateGroupProblems(settings.edge?.groups),
    ...unknownCertificateGroupProblems(settings),
  ];
}

/**
 * A namespace has one Pod Security level; agents that access the host would be refused in the cloud
 * components' namespace.
 */
function sharedNamespaceProblems(namespaces?: Partial<Namespaces>): string[] {
  const { cloud, nodes, edge } = namespacesWithDefaults(namespaces);
  const names = [cloud, nodes, edge];
  return new Set(names).size === names.length
    ? []
    : [
        `settings.namespaces are ${names.join(', ')}; allowed: three different namespaces, since each has its own Pod Security level`,
      ];
}

/** Users, limits and certificates are per host. */
function sharedHostProblems(hosts: Hosts): string[] {
  const names = Object.entries(hosts);
  return names.flatMap(([option, host], index) => {
    const [other] = names.slice(0, index).find(([, taken]) => taken === host) ?? [];
    return other && host
      ? [
          `settings.hosts.${option} is "${host}", the same as settings.hosts.${other}; allowed: a different host, such as "${option}.example.com"`,
        ]
      : [];
  });
}

const unsupportedTlsProblems = ({ controller, tls }: IngressSettings = {}): string[] =>
  controller ? unsupportedSiteOptions(controller, { tls }, 'settings.ingress.') : [];

/** Returns an error for each duplicate group name. */
const duplicateGroupProblems = (groups: readonly { readonly name: string }[] = []): string[] =>
  groups.flatMap(({ name }, index) =>
    groups.findIndex((other) => other.name === name) < index
      ? [
          `settings.edge.groups[${index}].name is "${name}", the same as another group; allowed: a unique name`,
        ]
      : [],
  );

/** Returns an error for each group that shall show certificates and has no nodes. */
function unknownCertificateGroupProblems({ ingress, edge }: Settings): string[] {
  const { names = [] } = ingress?.authentication?.certificates?.groups ?? {};
  const known = [edge?.group, ...(edge?.groups ?? []).map(({ name }) => name)].filter(Boolean);
  return names
    .filter((name) => !known.includes(name))
    .map(
      (name) =>
        `settings.ingress.authentication: nodeCertificate has the group "${name}"; allowed: groups of settings.edge, ${known.join(', ') || 'of which there are none'}`,
    );
}
