import { type Existing, listObjects } from '../process/kubectl';
import { isOnEdge, selectsNode } from '../synthesis/edge-nodes';
import { podSpecOfManifest } from '../synthesis/pods';
import type { RenderedObject } from '../synthesis/render';
import { type Check, listSome, uniqueSorted } from './examination';
import { type Found, warning } from './finding';

type Pod = ReturnType<typeof podSpecOfManifest>;

/** A limitation of an operating system, recognized by the name that its kubelet reports. */
interface Trait {
  readonly systems: RegExp;
  /** Whether a pod uses what such a system may refuse. */
  readonly refuses: (pod: Pod) => boolean;
  readonly message: string;
  /** Returns the remedy; `setting` is the setting that describes these nodes. */
  readonly remedy: (setting: string) => string;
}

const TRAITS: readonly Trait[] = [
  {
    systems: /red hat|rhel|centos|rocky|almalinux|oracle linux|fedora|microos|bottlerocket/i,
    refuses: (pod) =>
      JSON.stringify(pod).includes('"hostPath"') && !JSON.stringify(pod).includes('seLinuxOptions'),
    message: 'may enforce SELinux, which blocks agents from logs and their queue',
    remedy: (setting) =>
      `if getenforce prints Enforcing there, set ${setting}.seLinuxType to 'spc_t', see docs/devices.md`,
  },
  {
    systems: /alpine|openwrt|buildroot|void linux|gentoo|devuan|postmarketos/i,
    refuses: (pod) => JSON.stringify(pod).includes('mountPropagation'),
    message: 'may have a root mount that is not shared, with which node_exporter does not start',
    remedy: (setting) =>
      `if findmnt -no PROPAGATION / prints private there, set ${setting}.sharedRootMount to false, see docs/devices.md`,
  },
  {
    systems: /ubuntu core|talos|balenaos|poky|yocto|torizon|home assistant os/i,
    refuses: (pod) => createsFolderInEtc(pod),
    message: 'may have a read-only /etc, in which the metrics agent creates a folder',
    remedy: (setting) =>
      `if /etc is read-only there, set ${setting}.readOnlyMounts and ${setting}.stateDirectory, see docs/devices.md`,
  },
];

/** Checks whether the nodes' operating systems support what the pods use. */
export const devices: Check = {
  name: 'devices',
  look: async ({ kubectl, objects }) => {
    const daemonSets = objects.filter(({ manifest }) => manifest.kind === 'DaemonSet');
    const nodes = await listObjects(kubectl, 'nodes');
    const sides = {
      device: daemonSets.filter(isOnEdge),
      cloudNodes: daemonSets.filter((one) => !isOnEdge(one)),
    };
    return TRAITS.flatMap((trait) =>
      Object.entries(sides).flatMap(([setting, ofSide]) => checkTrait(trait, nodes, ofSide, setting)),
    );
  },
};

function checkTrait(
  { systems, refuses, message, remedy }: Trait,
  nodes: readonly Existing[],
  daemonSets: readonly RenderedObject[],
  setting: string,
): Found[] {
  const found = nodes.filter(
    (node) =>
      systems.test(osImageOf(node)) &&
      daemonSets.some(
        (one) => selectsNode(one, node.metadata.labels ?? {}) && refuses(podSpecOfManifest(one.manifest)),
      ),
  );
  if (!found.length) return [];
  const names = listSome(found.map(({ metadata }) => metadata.name).sort());
  return [warning(`${uniqueSorted(found.map(osImageOf)).join(', ')} ${message}: ${names}`, remedy(setting))];
}

const osImageOf = ({ status }: Existing): string => status?.nodeInfo?.osImage ?? '';

const createsFolderInEtc = ({ volumes = [] }: Pod): boolean =>
  volumes.some(
    ({ hostPath }: Existing) => hostPath?.type === 'DirectoryOrCreate' && /^\/etc\//.test(hostPath.path),
  );
