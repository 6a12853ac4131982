import { existsSync } from 'node:fs';
import { dataFoldersOf, type Image, programsOf } from './images';
import type { ContainerSpec, PodSpec } from './pod-spec';
import { program } from './programs';

/** A file or folder of this machine that a container sees. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Everything that the sandbox of a container depends on. */
export interface Sandbox {
  readonly image: Image;
  /** Folder with the image's `bin` and `usr/bin`. */
  readonly imageRoot: string;
  readonly hostname: string;
  readonly mounts: readonly Mount[];
  readonly pod: PodSpec;
  readonly container: ContainerSpec;
}

/** Path in the sandbox of setpriv, the program that drops privileges. */
const SETPRIV = '/.sandbox/setpriv';

/** Folders with Debian's libraries, which the programs need. */
const LIBRARIES = ['/usr/lib', '/usr/lib64'].filter((path) => existsSync(path));

/** Capabilities that a container runtime grants by default. */
const DEFAULT_CAPABILITIES = [
  ...['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'mknod', 'net_bind_service', 'net_raw'],
  ...['audit_write', 'setfcap', 'setgid', 'setpcap', 'setuid', 'sys_chroot'],
];

/**
 * Returns the arguments with which bubblewrap creates the sandbox. It has no user namespace: in a user namespace,
 * root's files would belong to the container, so that tests would not notice a wrong owner or mode. Unlike a real
 * container, the sandbox has no seccomp filter, no AppArmor profile and no CPU limit.
 */
export function sandboxArguments(sandbox: Sandbox): string[] {
  const { pod, container, hostname, image } = sandbox;
  const mounts = [...programMounts(sandbox), ...sandbox.mounts];
  return [
    ...['--die-with-parent', '--unshare-ipc', '--unshare-uts', '--hostname', hostname],
    ...(pod.hostPID ? [] : ['--unshare-pid', '--as-pid-1']),
    ...parentFolders(mounts).flatMap((folder) => ['--perms', '0755', '--dir', folder]),
    ...['--perms', '1777', '--dir', '/tmp', '--proc', '/proc', '--dev', '/dev'],
    ...['--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
    ...mounts.flatMap(({ source, target, readOnly }) => [readOnly ? '--ro-bind' : '--bind', source, target]),
    ...(container.securityContext?.readOnlyRootFilesystem ? ['--remount-ro', '/'] : []),
    ...['--chdir', container.workingDir ?? image.workingDir ?? '/'],
  ];
}

/**
 * Returns a command that drops all privileges that the manifest does not grant, and then runs `command`.
 * @throws Error if the manifest has `runAsNonRoot`, and the container would run as root
 */
export function unprivilegedCommand(
  { pod, container, image }: Sandbox,
  command: readonly string[],
): string[] {
  const { securityContext: own } = container;
  const uid = own?.runAsUser ?? pod.securityContext?.runAsUser ?? image.user;
  const gid = own?.runAsGroup ?? pod.securityContext?.runAsGroup ?? (uid === image.user ? image.group : 0);
  if (uid === 0 && (own?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot)) {
    throw new Error(`container ${container.name} has runAsNonRoot, but would run as root: set runAsUser`);
  }
  const capabilities = grantedCapabilities(container);
  return [
    ...[SETPRIV, '--pdeathsig', 'KILL', '--no-new-privs', '--inh-caps', '-all'],
    ...['--bounding-set', ['-all', ...capabilities.map((name) => `+${name}`)].join(',')],
    ...['--reuid', `${uid}`, '--regid', `${gid}`, ...supplementaryGroups(pod)],
    ...['--', ...command],
  ];
}

function supplementaryGroups({ securityContext = {} }: PodSpec): string[] {
  const { fsGroup, supplementalGroups = [] } = securityContext;
  const groups = [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])];
  return groups.length ? ['--groups', groups.join(',')] : ['--clear-groups'];
}

function grantedCapabilities({ securityContext }: ContainerSpec): string[] {
  const { drop = [], add = [] } = securityContext?.capabilities ?? {};
  const dropped = drop.map((name) => name.toLowerCase());
  const kept = dropped.includes('all') ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.includes(name));
  return [...new Set([...kept, ...add.map((name) => name.toLowerCase())])];
}

/** Returns the mounts of every container of an image: its programs, their libraries, and /sys. */
function programMounts({ image, imageRoot }: Sandbox): Mount[] {
  const paths = {
    '/sys': '/sys',
    ...Object.fromEntries(LIBRARIES.map((path) => [path, path])),
    '/bin': `${imageRoot}/bin`,
    '/usr/bin': `${imageRoot}/usr/bin`,
    ...programsOf(image),
    ...dataFoldersOf(image),
    [SETPRIV]: program('setpriv'),
  };
  return Object.entries(paths).map(([target, source]) => ({ source, target, readOnly: true }));
}

/**
 * Returns all parent folders of the mounts, outer folders first. Bubblewrap would create them with access for root
 * only.
 */
function parentFolders(mounts: readonly Mount[]): string[] {
  const all = mounts.flatMap(({ target }) => {
    const names = target.split('/').slice(1, -1);
    return names.map((_, depth) => `/${names.slice(0, depth + 1).join('/')}`);
  });
  return [...new Set(all)].sort();
}
