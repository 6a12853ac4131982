import { type ClusterObject, listObjects } from '../process/kubectl';
import { isEdgeWorkload, isNodeSelectedByWorkload } from '../synthesis/edge-nodes';
import { podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import { abbreviateList, type Check, uniqueSorted } from './check';
import { type CheckFinding, warningFinding } from './finding';

type Pod = ReturnType<typeof podSpecOfManifest>;

/** A limitation of some operating systems, such as SELinux, that prevents some pods from working. */
interface SystemLimitation {
  /** Matches operating systems that may have the limitation: `osImage` of a node, such as `Alpine Linux v3.22`. */
  readonly systems: RegExp;
  /** Returns whether a pod uses a feature that the limitation blocks. */
  readonly affectsPod: (pod: Pod) => boolean;
  /**
   * Returns the message about the nodes that may have the limitation, without the names of the nodes.
   * @param system names of the operating systems of these nodes
   */
  readonly message: (system: string) => string;
  /**
   * Returns the remedy.
   * @param setting name of the setting that describes the affected nodes: `device` or `cloudNodes`
   */
  readonly remedy: (setting: string) => string;
}

const SYSTEM_LIMITATIONS: readonly SystemLimitation[] = [
  {
    systems: /red hat|rhel|centos|rocky|almalinux|oracle linux|fedora|microos|bottlerocket/i,
    affectsPod: (pod) =>
      JSON.stringify(pod).includes('"hostPath"') && !JSON.stringify(pod).includes('seLinuxOptions'),
    message: (system) =>
      `nodes with ${system} may enforce SELinux, which denies agents access to log files and to their queue on disk`,
    remedy: (setting) =>
      `if getenforce prints Enforcing on these nodes, set ${setting}.seLinuxType to 'spc_t', see docs/devices.md`,
  },
  {
    systems: /alpine|openwrt|buildroot|void linux|gentoo|devuan|postmarketos/i,
    affectsPod: (pod) => JSON.stringify(pod).includes('mountPropagation'),
    message: (system) =>
      `nodes with ${system} may have a root mount that is not shared, so that node_exporter does not start`,
    remedy: (setting) =>
      `if findmnt -no PROPAGATION / prints private on these nodes, set ${setting}.sharedRootMount to false, see docs/devices.md`,
  },
  {
    systems: /ubuntu core|talos|balenaos|poky|yocto|torizon|home assistant os/i,
    affectsPod: (pod) => hasVolumeThatCreatesFolderInEtc(pod),
    message: (system) =>
      `nodes with ${system} may have a read-only /etc, so that the metrics agent cannot create its folder there`,
    remedy: (setting) =>
      `if /etc is read-only on these nodes, set ${setting}.readOnlyMounts to the read-only mounts, and ${setting}.stateDirectory to a writable folder, see docs/devices.md`,
  },
];

/** Checks whether the operating systems of the nodes may block features that the pods use, such as host mounts. */
export const devices: Check = {
  name: 'devices',
  run: async ({ kubectl, objects }) => {
    const daemonSets = objects.filter(({ manifest }) => manifest.kind === 'DaemonSet');
    const nodes = await listObjects(kubectl, 'nodes');
    const sides = {
      device: daemonSets.filter(isEdgeWorkload),
      cloudNodes: daemonSets.filter((one) => !isEdgeWorkload(one)),
    };
    return SYSTEM_LIMITATIONS.flatMap((trait) =>
      Object.entries(sides).flatMap(([setting, ofSide]) =>
        checkNodesForOsLimitation(trait, nodes, ofSide, setting),
      ),
    );
  },
};

function checkNodesForOsLimitation(
  { systems, affectsPod, message, remedy }: SystemLimitation,
  nodes: readonly ClusterObject[],
  daemonSets: readonly RenderedObject[],
  setting: string,
): CheckFinding[] {
  const found = nodes.filter(
    (node) =>
      systems.test(osImageOfNode(node)) &&
      daemonSets.some(
        (one) =>
          isNodeSelectedByWorkload(one, node.metadata.labels ?? {}) &&
          affectsPod(podSpecOfManifest(one.manifest)),
      ),
  );
  if (!found.length) return [];
  const names = abbreviateList(found.map(({ metadata }) => metadata.name).sort());
  return [
    warningFinding(
      `${message(uniqueSorted(found.map(osImageOfNode)).join(', '))}: ${names}`,
      remedy(setting),
    ),
  ];
}

const osImageOfNode = ({ status }: ClusterObject): string => status?.nodeInfo?.osImage ?? '';

const hasVolumeThatCreatesFolderInEtc = ({ volumes = [] }: Pod): boolean =>
  volumes.some(
    ({ hostPath }: ClusterObject) => hostPath?.type === 'DirectoryOrCreate' && /^\/etc\//.test(hostPath.path),
  );
