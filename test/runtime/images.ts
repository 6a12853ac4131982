import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataFolder, PROGRAMS_DIR, program, run } from './programs';

/** Contents of an image that a container can see. */
export interface Image {
  readonly entrypoint: readonly string[];
  /** Default arguments of the image. `args` in a manifest replace them. */
  readonly arguments?: readonly string[];
  readonly user: number;
  readonly group: number;
  readonly workingDir?: string;
  /** Names of programs on this machine, by their path in the image. */
  readonly programs: Readonly<Record<string, string>>;
  /** Paths of data folders that Debian's build of a program reads. The upstream program has this data built in. */
  readonly data?: readonly string[];
}

const NOBODY = { user: 65_534, group: 65_534 };

/**
 * Images that the tests can run with programs of this machine. The key is the last two parts of the image name, with
 * the suffix of the tag if several images have the same name.
 */
const IMAGES: Readonly<Record<string, Image>> = {
  'prometheus/prometheus': {
    ...NOBODY,
    entrypoint: ['/bin/prometheus'],
    programs: { '/bin/prometheus': 'prometheus', '/bin/promtool': 'promtool' },
  },
  'prometheus/alertmanager': {
    ...NOBODY,
    entrypoint: ['/bin/alertmanager'],
    programs: { '/bin/alertmanager': 'prometheus-alertmanager', '/bin/amtool': 'amtool' },
    data: ['/usr/share/prometheus/alertmanager'],
  },
  'prometheus/pushgateway': {
    ...NOBODY,
    entrypoint: ['/bin/pushgateway'],
    programs: { '/bin/pushgateway': 'prometheus-pushgateway' },
  },
  'prometheus/node-exporter': {
    ...NOBODY,
    entrypoint: ['/bin/node_exporter'],
    programs: { '/bin/node_exporter': 'prometheus-node-exporter' },
  },
  'prometheus/blackbox-exporter': {
    ...NOBODY,
    entrypoint: ['/bin/blackbox_exporter'],
    programs: { '/bin/blackbox_exporter': 'prometheus-blackbox-exporter' },
  },
  'victoriametrics/vmagent': {
    entrypoint: ['/vmagent-prod'],
    user: 0,
    group: 0,
    programs: { '/vmagent-prod': 'vmagent' },
  },
  'victoriametrics/vmalert': {
    entrypoint: ['/vmalert-prod'],
    user: 0,
    group: 0,
    programs: { '/vmalert-prod': 'vmalert' },
  },
  'victoriametrics/vminsert': {
    entrypoint: ['/vminsert-prod'],
    user: 0,
    group: 0,
    programs: { '/vminsert-prod': 'E2E_VMINSERT' },
  },
  'victoriametrics/vmselect': {
    entrypoint: ['/vmselect-prod'],
    user: 0,
    group: 0,
    programs: { '/vmselect-prod': 'E2E_VMSELECT' },
  },
  'victoriametrics/vmstorage': {
    entrypoint: ['/vmstorage-prod'],
    user: 0,
    group: 0,
    programs: { '/vmstorage-prod': 'E2E_VMSTORAGE' },
  },
  'curlimages/curl': {
    entrypoint: ['/usr/bin/curl'],
    user: 100,
    group: 101,
    // Debian's BusyBox has no cksum. Alpine's BusyBox has it, so it is added here.
    programs: { '/usr/bin/curl': 'curl', '/usr/bin/cksum': 'cksum' },
  },
  'nginxinc/nginx-unprivileged': {
    entrypoint: ['/docker-entrypoint.sh'],
    user: 101,
    group: 101,
    programs: { '/usr/sbin/nginx': 'nginx' },
  },
  'nginxinc/nginx-unprivileged:alpine': {
    entrypoint: ['/docker-entrypoint.sh'],
    user: 101,
    group: 101,
    programs: { '/usr/sbin/nginx': 'nginx-js' },
    data: [`${PROGRAMS_DIR}/nginx-js`],
  },
  'grafana/loki': {
    entrypoint: ['/usr/bin/loki'],
    user: 10_001,
    group: 10_001,
    programs: { '/usr/bin/loki': 'E2E_LOKI' },
  },
  'grafana/alloy': {
    entrypoint: ['/bin/alloy'],
    user: 0,
    group: 0,
    programs: { '/bin/alloy': 'E2E_ALLOY' },
  },
  'grafana/promtail': {
    entrypoint: ['/usr/bin/promtail'],
    user: 0,
    group: 0,
    programs: { '/usr/bin/promtail': 'E2E_PROMTAIL' },
  },
  'fluent/fluent-bit': {
    entrypoint: ['/fluent-bit/bin/fluent-bit'],
    user: 0,
    group: 0,
    programs: { '/fluent-bit/bin/fluent-bit': 'E2E_FLUENT_BIT' },
  },
  // Images of business services. BusyBox is static, so this image needs no other programs.
  'library/busybox': { ...NOBODY, entrypoint: ['/bin/sh'], programs: {} },
  'library/node': { ...NOBODY, entrypoint: ['/usr/bin/node'], programs: { '/usr/bin/node': 'node' } },
  'library/python': {
    ...NOBODY,
    entrypoint: ['/usr/bin/python3'],
    programs: { '/usr/bin/python3': 'python3' },
  },
};

/**
 * Returns the image for an image reference. The host of the registry is ignored.
 * @throws Error if there is no image with this name in `IMAGES`
 */
export function imageOf(reference: string): Image {
  const name = reference
    .replace(/@.*$/, '')
    .replace(/:[^/]*$/, '')
    .split('/')
    .slice(-2)
    .join('/');
  const [, variant] = /:[^/-]+-([^/@]+)(@|$)/.exec(reference) ?? [];
  const image = IMAGES[`${name}:${variant}`] ?? IMAGES[name];
  if (!image)
    throw new Error(
      `the test runtime has no program for the image ${reference}: add ${name} to test/runtime/images.ts`,
    );
  return image;
}

/**
 * Returns the paths of the image's programs on this machine, by their path in the image. BusyBox is added as the shell.
 */
export function programsOf(image: Image): Record<string, string> {
  const named = { '/bin/busybox': 'busybox', ...image.programs };
  return Object.fromEntries(Object.entries(named).map(([path, name]) => [path, program(name)]));
}

/** Returns the paths of the image's data folders on this machine, by their path in the image. */
export function dataFoldersOf({ data = [] }: Image): Record<string, string> {
  return Object.fromEntries(data.map((path) => [path, dataFolder(path)]));
}

/** Creates folders with the contents of images: the image's own programs and BusyBox. */
export class ImageStore {
  private readonly roots = new Map<Image, string>();

  constructor(private readonly folder: string) {}

  /**
   * Returns a folder with the image's `bin` and `usr/bin`. Programs are empty files in this folder; the real programs
   * are mounted over these files.
   */
  root(image: Image): string {
    const root = this.roots.get(image) ?? this.unpack(image, join(this.folder, `${this.roots.size}`));
    this.roots.set(image, root);
    return root;
  }

  private unpack(image: Image, root: string): string {
    for (const folder of ['bin', 'usr/bin']) mkdirSync(join(root, folder), { recursive: true });
    for (const path of Object.keys(programsOf(image))) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
    for (const applet of run('busybox', '--list').trim().split('\n')) {
      if (applet !== 'busybox') symlinkSync('/bin/busybox', join(root, 'bin', applet));
    }
    return root;
  }
}
