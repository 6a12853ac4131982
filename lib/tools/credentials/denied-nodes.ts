import { DENIED_NODES } from '../../contracts/node-admission';
import { objectName } from '../../core/option-rules';
import { formatValue } from '../../core/validation';
import type { CommandIo } from '../process/command-io';
import { getObjectIfExists, type Kubectl, listObjects } from '../process/kubectl';
import { UsageError } from '../process/usage-error';
import { CredentialsError } from './credentials-error';

/** Task: change or print the list of denied nodes. */
export interface DeniedNodesTask {
  /** Names of the nodes to add to the list of denied nodes. */
  readonly deny: readonly string[];
  /** Names of the nodes to remove from the list of denied nodes. */
  readonly allow: readonly string[];
  /** Whether to print the list of denied nodes instead of changing it. */
  readonly show: boolean;
  /** Whether to only check the names of the nodes, and not change the list of denied nodes. */
  readonly dryRun: boolean;
}

/** Values of the options `--deny`, `--allow`, `--denied` and `--dry-run`. */
export interface DenialOptions {
  readonly deny?: readonly string[];
  readonly allow?: readonly string[];
  readonly denied?: boolean;
  readonly dryRun?: boolean;
}

/** The ConfigMap with the denied nodes of an environment, and whether its cluster contains all nodes. */
export interface DeniedNodesList {
  /** Namespace of the ConfigMap. */
  readonly namespace: string;
  /**
   * Whether all nodes that push belong to the cluster with the ConfigMap. If true, `--deny` refuses a name that no node
   * in this cluster has.
   */
  readonly knowsNodes: boolean;
}

/** Functions that access the cluster, the terminal and the clock. */
export interface DenialTools {
  readonly kubectl: Kubectl;
  readonly io: Pick<CommandIo, 'stdout' | 'stderr'>;
  readonly now: () => Date;
}

const DENIAL_OPTIONS = ['deny', 'allow', 'denied', 'dryRun'] as const;

/**
 * Returns the task for the given options: deny and allow nodes, or print the list of denied nodes. Returns `undefined` if
 * `--deny`, `--allow`, `--denied` and `--dry-run` are missing.
 * @throws UsageError when the options cannot be combined.
 */
export function parseDeniedNodesTask(given: DenialOptions): DeniedNodesTask | undefined {
  const { deny = [], allow = [], denied: show = false, dryRun = false, ...others } = given;
  if (!DENIAL_OPTIONS.some((name) => given[name] !== undefined)) return undefined;
  const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (other !== undefined && other !== 'environment') {
    throw new UsageError(
      '--deny, --allow and --denied can only be combined with --environment and --dry-run: remove the other options',
    );
  }
  if (show === deny.length + allow.length > 0) {
    throw new UsageError(
      `${show ? '--denied cannot be combined with --deny or --allow' : '--dry-run requires --deny or --allow'}: use --deny NODE and --allow NODE, each any number of times, or use only --denied, which prints the denied nodes`,
    );
  }
  const both = deny.find((name) => allow.includes(name));
  if (both !== undefined)
    throw new UsageError(
      `--deny and --allow both contain the node ${formatValue(both)}: remove one of these two options`,
    );
  return { deny, allow, show, dryRun };
}

/**
 * Changes or prints the list of denied nodes in the cluster of kubectl's current context. With `dryRun`, only checks the names.
 * @throws CredentialsError when a node is unknown or its name is invalid, or when Argo CD manages the list; Error when kubectl
 * fails.
 */
export async function changeOrPrintDeniedNodes(
  task: DeniedNodesTask,
  list: DeniedNodesList,
  tools: DenialTools,
): Promise<void> {
  const { kubectl, io } = tools;
  const existing = await getObjectIfExists(
    kubectl,
    'get',
    'configmap',
    DENIED_NODES,
    '--namespace',
    list.namespace,
  );
  const denied: Record<string, string> = existing?.data ?? {};
  if (task.show)
    return io.stdout(
      Object.entries(denied)
        .map(([name, since]) => `${name} ${since}\n`)
        .sort()
        .join(''),
    );
  requireNotManagedByArgoCd(existing);
  refuseUnknownNodeNames('--allow', task.allow, Object.keys(denied));
  for (const name of task.deny) validateNodeName(name);
  if (list.knowsNodes) {
    const nodes = (await listObjects(kubectl, 'nodes')).map(({ metadata }) => metadata.name);
    refuseUnknownNodeNames('--deny', task.deny, [...nodes, ...Object.keys(denied)]);
  }
  const context = (await kubectl('config', 'current-context')).trim();
  if (!task.dryRun) await patchDeniedNodesList(task, list, existing !== undefined, tools);
  io.stderr(formatChangeOfDeniedNodes(task, list, context));
}

/**
 * Changes the list with a patch. The list has a key for each node, so two people can change it at the same time without
 * overwriting each other's changes.
 */
async function patchDeniedNodesList(
  { deny, allow }: DeniedNodesTask,
  { namespace }: DeniedNodesList,
  exists: boolean,
  { kubectl, now }: DenialTools,
): Promise<void> {
  const since = now().toISOString();
  if (!exists) await kubectl('create', 'configmap', DENIED_NODES, '--namespace', namespace);
  const data = Object.fromEntries([
    ...deny.map((name) => [name, since]),
    ...allow.map((name) => [name, null]),
  ]);
  await kubectl(
    ...['patch', 'configmap', DENIED_NODES, '--namespace', namespace],
    ...['--type', 'merge', '--patch', JSON.stringify({ data })],
  );
}

interface ObjectWithMetadata {
  readonly metadata: { readonly annotations?: object; readonly labels?: object };
}

function requireNotManagedByArgoCd(existing: ObjectWithMetadata | undefined): void {
  const { annotations = {}, labels = {} } = existing?.metadata ?? {};
  const isOwned = [...Object.keys(annotations), ...Object.keys(labels)].some((key) =>
    key.startsWith('argocd.argoproj.io/'),
  );
  if (!isOwned) return;
  throw new CredentialsError(
    `Argo CD manages the ConfigMap ${DENIED_NODES} and would revert the change: change the list in git`,
  );
}

function validateNodeName(name: string): void {
  if (!objectName.accepts(name))
    throw new CredentialsError(`--deny is ${formatValue(name)}; allowed: ${objectName.allowed}`);
}

function refuseUnknownNodeNames(flag: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const names = [...new Set(known)].sort();
  const allowed =
    names.slice(0, MAX_NAMES).join(', ') + (names.length > MAX_NAMES ? `, ... (${names.length})` : '');
  const remedy =
    flag === '--deny'
      ? '; a node that was deleted from the cluster needs no --deny, because guards already refuse this node'
      : '';
  throw new CredentialsError(
    `${flag} is ${formatValue(unknown)}; allowed: ${allowed || 'no name, because the list is empty'}${remedy}`,
  );
}

/** Maximum number of node names in a message. */
const MAX_NAMES = 20;

function formatChangeOfDeniedNodes(
  { deny, allow, dryRun }: DeniedNodesTask,
  { namespace }: DeniedNodesList,
  context: string,
): string {
  const [first = ''] = deny;
  return [
    `credentials: ${namespace}/${DENIED_NODES}, context ${context}${dryRun ? ' (dry run: nothing was changed)' : ''}`,
    ...deny.map((name) => `  ${name}: denied`),
    ...allow.map((name) => `  ${name}: allowed`),
    ...(deny.length
      ? [
          'note: guards refuse pushes of the denied nodes within a minute',
          `note: also delete each denied node, so that CloudCore does not renew the certificate of the node: kubectl delete node ${first}`,
        ]
      : []),
    '',
  ].join('\n');
}
