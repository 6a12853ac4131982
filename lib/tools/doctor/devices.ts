import { type ClusterObject, listObjects } from '../process/kubectl';
import { isOnEdge, selectsNode } from '../synthesis/edge-nodes';
import { podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import { abbreviateList, type Check, uniqueSorted } from './check';
import { type Found, warning } from './finding';

type Pod = ReturnType<typeof podSpecOfManifest>;

/** A limitation of an operating system, recognized by the name that its kubelet reports. */
interface SystemLimitation {
  readonly systems: RegExp;
  /** Whether a pod uses what such a system may refuse. */
  readonly affectsPod: (pod: Pod) => boolean;
  readonly message: string;
  /** Returns the remedy; `setting` is the setting that describes these nodes. */
  readonly remedy: (setting: string) => string;
}

const SYSTEM_LIMITATIONS: readonly SystemLimitation[] = [
  {
    systems: /red hat|rhel|centos|rocky|almalinux|oracle linux|fedora|microos|bottlerocket/i,
    affectsPod: (pod) =>
      JSON.stringify(pod).includes('"hostPath"') && !JSON.stringify(pod).includes('seLinuxOptions'),
    message: 'may enforce SELinux, which blocks agents from logs and their queue',
    remedy: (setting) =>
      `if getenforce prints Enforcing there, set ${setting}.seLinuxType to 'spc_t', see docs/devices.md`,
  },
  {
    systems: /alpine|openwrt|buildroot|void linux|gentoo|devuan|postmarketos/i,
    affectsPod: (pod) => JSON.stringify(pod).includes('mountPropagation'),
    message: 'may have a root mount that is not shared, with which node_exporter does not start',
    remedy: (setting) =>
      `if findmnt -no PROPAGATION / prints private there, set ${setting}.sharedRootMount to false, see docs/devices.md`,
  },
  {
    systems: /ubuntu core|talos|balenaos|poky|yocto|torizon|home assistant os/i,
    affectsPod: (pod) => createsFolderInEtc(pod),
    message: 'may have a read-only /etc, in which the metrics agent creates a folder',
    remedy: (setting) =>
      `if /etc is read-only there, set ${setting}.readOnlyMounts and ${setting}.stateDirectory, see docs/devices.md`,
  },
];

/** Checks whether the nodes' operating systems support what the pods use. */
export const devices: Check = {
  name: 'devices',
  run: async ({ kubectl, objects }) => {
    const daemonSets = objects.filter(({ manifest }) => manifest.kind === 'DaemonSet');
    const nodes = await listObjects(kubectl, 'nodes');
    const sides = {
      device: daemonSets.filter(isOnEdge),
      cloudNodes: daemonSets.filter((one) => !isOnEdge(one)),
    };
    return SYSTEM_LIMITATIONS.flatMap((trait) =>
      Object.entries(sides).flatMap(([setting, ofSide]) => checkLimitation(trait, nodes, ofSide, setting)),
    );
  },
};

function checkLimitation(
  { systems, affectsPod, message, remedy }: SystemLimitation,
  nodes: readonly ClusterObject[],
  daemonSets: readonly RenderedObject[],
  setting: string,
): Found[] {
  const found = nodes.filter(
    (node) =>
      systems.test(osImageOf(node)) &&
      daemonSets.some(
        (one) => selectsNode(one, node.metadata.labels ?? {}) && affectsPod(podSpecOfManifest(one.manifest)),
      ),
  );
  if (!found.length) return [];
  const names = abbreviateList(found.map(({ metadata }) => metadata.name).sort());
  return [warning(`${uniqueSorted(found.map(osImageOf)).join(', ')} ${message}: ${names}`, remedy(setting))];
}

const osImageOf = ({ status }: ClusterObject): string => status?.nodeInfo?.osImage ?? '';

const createsFolderInEtc = ({ volumes = [] }: Pod): boolean =>
  volumes.some(
    ({ hostPath }: ClusterObject) => hostPath?.type === 'DirectoryOrCreate' && /^\/etc\//.test(hostPath.path),
  );
