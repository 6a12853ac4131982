import { NEWEST_KUBERNETES_MINOR, OLDEST_KUBERNETES_MINOR } from '../../core/kubernetes-version';
import { findNeededAndMissingApis, findProgramProvidingApi } from '../applied/served-apis';
import { suggestedCommand } from '../process/command-lines';
import { getObject } from '../process/kubectl';
import { abbreviateList, type Check, type CheckContext, uniqueSorted } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';

/** Checks whether the manifests support the Kubernetes version of the API server. */
export const version: Check = {
  name: 'Kubernetes',
  run: async ({ kubectl, kubernetesMinor }) => {
    const { serverVersion } = await getObject(kubectl, 'version');
    if (!serverVersion) throw new Error('kubectl version did not print the version of the API server');
    const { gitVersion } = serverVersion;
    const minor = Number.parseInt(serverVersion.minor, 10);
    if (minor < kubernetesMinor) {
      return [
        problemFinding(
          `the API server has version ${gitVersion}, but the manifests require 1.${kubernetesMinor} or newer`,
          minor < OLDEST_KUBERNETES_MINOR
            ? `upgrade the API server to 1.${OLDEST_KUBERNETES_MINOR} or newer, the oldest supported version`
            : `set kubernetesVersion to "1.${minor}", and synthesize again`,
        ),
      ];
    }
    if (minor > NEWEST_KUBERNETES_MINOR) {
      return [
        warningFinding(
          `the API server has version ${gitVersion}, but the manifests were only tested up to 1.${NEWEST_KUBERNETES_MINOR}`,
          'check whether there is a newer release of cdk8s-edge-observability',
        ),
      ];
    }
    return [okFinding(`the API server has version ${gitVersion}`)];
  },
};

/** Checks whether the API server serves the API group and version of every manifest. */
export const apiGroups: Check = {
  name: 'API groups',
  run: async ({ kubectl, objects }) => {
    const { needed, missing } = await findNeededAndMissingApis(objects, kubectl);
    if (!missing.length)
      return [okFinding(`the API server serves all ${needed.length} API versions of the manifests`)];
    return missing.map((apiVersion) => {
      const program = findProgramProvidingApi(apiVersion);
      return problemFinding(
        `the API server does not serve ${apiVersion}`,
        program
          ? `install ${program}`
          : `install the program that provides ${apiVersion}, or set kubernetesVersion to the version of the API server`,
      );
    });
  },
};

/**
 * Checks whether namespaces exist: the namespaces that the manifests create, and the namespaces from which the NetworkPolicies
 * in the manifests allow connections.
 */
export const namespaces: Check = {
  name: 'namespaces',
  run: async ({ kubectl, objects }) => {
    const text = await kubectl('get', 'namespaces', '--output', 'name');
    const there = text.split('\n').map((line) => line.trim().replace(/^namespace\//, ''));
    const made = objects
      .filter(({ manifest }) => manifest.kind === 'Namespace')
      .map(({ manifest }) => manifest.metadata.name);
    const foreign = uniqueSorted(namespacesOfNetworkPolicyPeers(objects)).filter(
      (name) => !made.includes(name),
    );
    return [
      ...made.filter((name) => !there.includes(name)).map(missingNamespaceFinding),
      ...checkNetworkPolicyNamespacesExist(foreign, there),
    ];
  },
};

const missingNamespaceFinding = (name: string): CheckFinding =>
  problemFinding(
    `the namespace ${name} does not exist yet`,
    `create the namespace with ${suggestedCommand('apply', '--namespaces')}`,
  );

function checkNetworkPolicyNamespacesExist(
  names: readonly string[],
  there: readonly string[],
): CheckFinding[] {
  const missing = names.filter((name) => !there.includes(name));
  if (!missing.length)
    return [
      okFinding(
        names.length
          ? `NetworkPolicies allow connections from these namespaces, and all of them exist: ${abbreviateList(names)}`
          : 'the NetworkPolicies in the manifests allow no connections from namespaces outside of this stack',
      ),
    ];
  return missing.map((name) =>
    problemFinding(
      `the namespace ${name}, from which NetworkPolicies allow connections, does not exist`,
      `install the ingress controller in the namespace ${name}, or set its namespace in ingress.controller`,
    ),
  );
}

/** Returns the names of the namespaces from which NetworkPolicies allow connections. */
function namespacesOfNetworkPolicyPeers(objects: CheckContext['objects']): string[] {
  return objects
    .filter(({ manifest }) => manifest.kind === 'NetworkPolicy')
    .flatMap(({ manifest }) => manifest.spec.ingress ?? [])
    .flatMap(({ from = [] }) => from)
    .flatMap(
      ({ namespaceSelector }) => namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] ?? [],
    );
}
