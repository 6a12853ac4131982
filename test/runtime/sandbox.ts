import { existsSync } from 'node:fs';
import { dataOf, type Image, programsOf } from './images';
import type { ContainerSpec, PodSpec } from './pod-spec';
import { program } from './programs';

/** Something of this machine that a container sees. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Surroundings of a container. */
export interface Sandbox {
  readonly image: Image;
  /** The image's folders of programs. */
  readonly imageRoot: string;
  readonly hostname: string;
  readonly mounts: readonly Mount[];
  readonly pod: PodSpec;
  readonly container: ContainerSpec;
}

/** Path in the sandbox of the program that drops privileges. */
const SETPRIV = '/.sandbox/setpriv';

/** Folders of Debian, on which the programs run. */
const LIBRARIES = ['/usr/lib', '/usr/lib64'].filter((path) => existsSync(path));

/** Capabilities that a container runtime grants by default. */
const DEFAULT_CAPABILITIES = [
  ...['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'mknod', 'net_bind_service', 'net_raw'],
  ...['audit_write', 'setfcap', 'setgid', 'setpcap', 'setuid', 'sys_chroot'],
];

/**
 * Arguments of bubblewrap that make the sandbox. No user namespace: in one, root's files would be
 * the container's own, and a wrong owner or mode would go unnoticed. What the sandbox does not have of
 * a real one: seccomp and AppArmor filters, and a limit on processors.
 */
export function sandboxArguments(sandbox: Sandbox): string[] {
  const { pod, container, hostname, image } = sandbox;
  const mounts = [...programMounts(sandbox), ...sandbox.mounts];
  return [
    ...['--die-with-parent', '--unshare-ipc', '--unshare-uts', '--hostname', hostname],
    ...(pod.hostPID ? [] : ['--unshare-pid', '--as-pid-1']),
    ...parents(mounts).flatMap((folder) => ['--perms', '0755', '--dir', folder]),
    ...['--perms', '1777', '--dir', '/tmp', '--proc', '/proc', '--dev', '/dev'],
    ...['--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
    ...mounts.flatMap(({ source, target, readOnly }) => [readOnly ? '--ro-bind' : '--bind', source, target]),
    ...(container.securityContext?.readOnlyRootFilesystem ? ['--remount-ro', '/'] : []),
    ...['--chdir', container.workingDir ?? image.workingDir ?? '/'],
  ];
}

/**
 * The command that drops privileges which the manifest does not grant, and then runs another.
 *
 * @throws Error when the container would be root though it must not.
 */
export function unprivileged({ pod, container, image }: Sandbox, command: readonly string[]): string[] {
  const { securityContext: own } = container;
  const uid = own?.runAsUser ?? pod.securityContext?.runAsUser ?? image.user;
  const gid = own?.runAsGroup ?? pod.securityContext?.runAsGroup ?? (uid === image.user ? image.group : 0);
  if (uid === 0 && (own?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot)) {
    throw new Error(`container ${container.name} has runAsNonRoot and would run as root`);
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

/** The image's programs, the libraries that they need, and what every container has. */
function programMounts({ image, imageRoot }: Sandbox): Mount[] {
  const paths = {
    '/sys': '/sys',
    ...Object.fromEntries(LIBRARIES.map((path) => [path, path])),
    '/bin': `${imageRoot}/bin`,
    '/usr/bin': `${imageRoot}/usr/bin`,
    ...programsOf(image),
    ...dataOf(image),
    [SETPRIV]: program('setpriv'),
  };
  return Object.entries(paths).map(([target, source]) => ({ source, target, readOnly: true }));
}

/** Every folder above the mounts, outer ones first: bubblewrap itself makes them for root alone. */
function parents(mounts: readonly Mount[]): string[] {
  const all = mounts.flatMap(({ target }) => {
    const names = target.split('/').slice(1, -1);
    return names.map((_, depth) => `/${names.slice(0, depth + 1).join('/')}`);
  });
  return [...new Set(all)].sort();
}
