import { type ClusterObject, listObjects } from '../process/kubectl';
import { isEdgeWorkload } from '../synthesis/edge-nodes';
import { abbreviateList, type Check, uniqueSorted } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';

/** Checks whether the pods in the namespaces of edge DaemonSets start. */
export const edgePods: Check = {
  name: 'edge pods',
  run: async ({ kubectl, objects, network }) => {
    const namespaces = uniqueSorted(
      objects
        .filter((object) => object.manifest.kind === 'DaemonSet' && isEdgeWorkload(object))
        .map(({ manifest }) => String(manifest.metadata.namespace)),
    );
    const found: CheckFinding[] = [];
    for (const namespace of namespaces) {
      const pods = await listObjects(kubectl, 'pods', '--namespace', namespace);
      found.push(
        ...checkPodsWaitingForFiles(namespace, pods),
        ...SYMPTOMS.flatMap((one) => checkPodsForKnownErrorMessage(one, namespace, pods)),
      );
      found.push(...checkPodsStuckInCreation(namespace, pods, network.now()));
    }
    return found;
  },
};

function checkPodsWaitingForFiles(namespace: string, pods: readonly ClusterObject[]): CheckFinding[] {
  if (!pods.length) return [];
  const waiting = pods.filter(isWaitingForFiles);
  if (!waiting.length) return [okFinding(`no pod in ${namespace} waits for a ConfigMap or Secret`)];
  return [
    warningFinding(
      `pods in ${namespace} wait for a ConfigMap or Secret: ${formatPods(waiting)}`,
      `create the object that kubectl logs -n ${namespace} POD -c wait-for-files prints; if the object exists, and the pod still waits after two minutes: kubectl annotate -n ${namespace} KIND NAME touched="$(date)" --overwrite`,
    ),
  ];
}

const formatPods = (pods: readonly ClusterObject[]): string =>
  abbreviateList(
    pods.map(({ metadata, spec }) => `${metadata.name} on ${spec?.nodeName ?? 'no node'}`).sort(),
  );

const isWaitingForFiles = ({ status }: ClusterObject): boolean =>
  (status?.initContainerStatuses ?? []).some(
    ({ name, state }: ClusterObject) => name === 'wait-for-files' && state?.running !== undefined,
  );

/**
 * A known reason why pods do not start on an edge node, with a pattern for the error message that shows this reason.
 */
interface Symptom {
  /** Matches the error message of the container runtime, of the program or of the scheduler. */
  readonly pattern: RegExp;
  readonly message: string;
  readonly remedy: string;
}

const SYMPTOMS: readonly Symptom[] = [
  {
    pattern: /not a shared (or slave )?mount/,
    message: 'the root mount of the device is not shared',
    remedy: 'set device.sharedRootMount to false',
  },
  {
    pattern: /seccomp is not (enabled|supported)/,
    message: 'the kernel of the device does not support seccomp',
    remedy: 'set device.seccomp to false',
  },
  {
    pattern: /read-only file system/i,
    message: 'a folder of the device is read-only',
    remedy:
      'list the read-only mounts in device.readOnlyMounts, and set device.stateDirectory to a writable folder',
  },
  {
    pattern: /address already in use|free ports/,
    message: 'another program on the device uses the port of the pod',
    remedy: 'stop the other program, or set device.ports',
  },
  {
    pattern: /the proxy cannot be used/,
    message: 'the user or the password of the proxy contains characters that a URL cannot contain',
    remedy: 're-create the Secret of device.httpProxy; kubectl logs POD -c check-proxy prints the reason',
  },
  {
    pattern: /no space left on device/i,
    message: 'the disk of the device is full',
    remedy: 'free disk space, see docs/runbooks/EdgeDiskFull.md',
  },
  {
    pattern: /permission denied/i,
    message: 'a program has no permission to access a file',
    remedy: "if getenforce prints Enforcing on the device, set device.seLinuxType to 'spc_t'",
  },
];

function checkPodsForKnownErrorMessage(
  { pattern, message, remedy }: Symptom,
  namespace: string,
  pods: readonly ClusterObject[],
): CheckFinding[] {
  const found = pods.filter((pod) => failureMessagesOfPod(pod).some((text) => pattern.test(text)));
  if (!found.length) return [];
  return [
    problemFinding(
      `pods in ${namespace} are not running, because ${message}: ${formatPods(found)}`,
      `${remedy}, see docs/devices.md`,
    ),
  ];
}

/** Returns the error messages in the status of a pod: of containers that do not run, and of the scheduler. */
function failureMessagesOfPod({ status = {} }: ClusterObject): string[] {
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = status;
  const ofContainers = [...initContainerStatuses, ...containerStatuses]
    .filter(({ state }: ClusterObject) => !state?.running)
    .flatMap(({ state, lastState }: ClusterObject) => [
      state?.waiting?.message,
      state?.terminated?.exitCode ? state.terminated.message : undefined,
      lastState?.terminated?.message,
    ]);
  const ofScheduler = conditions
    .filter(({ type, status: held }: ClusterObject) => type === 'PodScheduled' && held === 'False')
    .map(({ message }: ClusterObject) => message);
  return [...ofContainers, ...ofScheduler].filter((text) => typeof text === 'string');
}

/** Time in milliseconds within which a node mounts volumes and pulls images, even over a slow link. */
const MAX_MOUNT_TIME_MS = 15 * 60_000;

/**
 * Returns a warning if pods have waited for volumes or images for more than `MAX_MOUNT_TIME_MS`. The status of these pods
 * contains no reason, because KubeEdge does not report why a volume cannot be mounted.
 */
function checkPodsStuckInCreation(
  namespace: string,
  pods: readonly ClusterObject[],
  now: Date,
): CheckFinding[] {
  const found = pods.filter(
    ({ status: { startTime, initContainerStatuses = [], containerStatuses = [] } = {} }: ClusterObject) =>
      startTime !== undefined &&
      now.getTime() - Date.parse(startTime) > MAX_MOUNT_TIME_MS &&
      containerStatuses.length > 0 &&
      [...initContainerStatuses, ...containerStatuses].every(
        ({ state }: ClusterObject) =>
          ['ContainerCreating', 'PodInitializing'].includes(state?.waiting?.reason) && !state.waiting.message,
      ),
  );
  if (!found.length) return [];
  return [
    warningFinding(
      `pods in ${namespace} have waited for their volumes and images for more than 15 minutes: ${formatPods(found)}`,
      'run on the device: journalctl -u edgecore | grep -i "MountVolume\\|pull"; if it prints that a folder cannot be created, see docs/devices.md',
    ),
  ];
}
