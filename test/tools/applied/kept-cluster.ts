import { loadManifests, type Manifest } from '../../support/manifests';

/** An object as the API server keeps it. */
export interface KeptObject extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
}

const flagOf = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1] ?? '';

/** A cluster that keeps what kubectl creates, applies, replaces and deletes. */
export class KeptCluster {
  /** How kubectl was called. */
  readonly calls: string[] = [];
  readonly objects = new Map<string, KeptObject>();
  /** Error of kubectl for applied folders whose path contains the key. */
  readonly failures = new Map<string, string>();
  /** A kind whose definition is missing. */
  missingKind?: string;
  /** A kind that kubectl may not read. */
  unreadableKind?: string;
  private created = 0;

  readonly kubectl = async (...args: readonly string[]): Promise<string> => {
    this.calls.push(args.join(' '));
    switch (args[0]) {
      case 'config':
        return 'test-cluster\n';
      case 'apply':
        return this.apply(flagOf(args, '--filename'));
      case 'create':
      case 'replace':
        return this.write(flagOf(args, '--filename'), args[0]);
      case 'get':
        return JSON.stringify(this.get(args)) ?? '';
      case 'api-resources':
        return 'configmaps\ndaemonsets.apps\npods\nsecrets\nservices\n';
      case 'delete':
        this.objects.delete(this.keyOf(args));
        return '';
      default:
        throw new Error(`kubectl ${args.join(' ')}`);
    }
  };

  /** Puts an object into the cluster, past the command. */
  add(manifest: Manifest & { readonly metadata: object }): void {
    const uid = `uid-${++this.created}`;
    const metadata = { ...manifest.metadata, uid, resourceVersion: `${this.created}` };
    this.objects.set(idOf(manifest), { ...manifest, metadata });
  }

  has(kind: string, name: string): boolean {
    return [...this.objects.values()].some((one) => one.kind === kind && one.metadata.name === name);
  }

  private apply(folder: string): string {
    const failure = [...this.failures].find(([part]) => folder.includes(part));
    if (failure) throw new Error(failure[1]);
    const all = loadManifests(folder);
    const manifests = all.filter(({ kind }) => kind !== this.missingKind);
    for (const manifest of manifests) {
      const now = this.objects.get(idOf(manifest));
      if (now)
        this.objects.set(idOf(manifest), {
          ...manifest,
          metadata: { ...now.metadata, ...manifest.metadata },
        });
      else this.add(manifest);
    }
    if (manifests.length < all.length) throw new Error(`no matches for kind "${this.missingKind}"`);
    return manifests.map(({ metadata: { name } }) => `${name} serverside-applied`).join('\n');
  }

  private write(folder: string, verb: 'create' | 'replace'): string {
    const [manifest] = loadManifests(folder);
    if (!manifest) throw new Error('nothing to write');
    const now = this.objects.get(idOf(manifest));
    if (
      verb === 'create'
        ? now
        : now?.metadata.resourceVersion !== (manifest as KeptObject).metadata.resourceVersion
    ) {
      throw new Error('the object has been modified');
    }
    this.add(manifest);
    return '';
  }

  private get(args: readonly string[]): object | undefined {
    if (args.includes('--filename')) {
      const manifests = loadManifests(flagOf(args, '--filename'));
      const bad = manifests.find(({ kind }) => [this.missingKind, this.unreadableKind].includes(kind));
      if (bad) throw new Error(`no matches for kind "${bad.kind}"`);
      const wanted = manifests.map(idOf);
      const items = wanted.flatMap((id) => this.objects.get(id) ?? []);
      return items.length ? { kind: 'List', items } : undefined;
    }
    if (args[1]?.startsWith(`${this.missingKind?.toLowerCase()}.`))
      throw new Error(`the server doesn't have a resource type "${args[1]}"`);
    if (args[1]?.startsWith(`${this.unreadableKind?.toLowerCase()}.`)) throw new Error('forbidden');
    if (!args[2]?.startsWith('--')) return this.objects.get(this.keyOf(args));
    const [label = '', value] = args.includes('--selector') ? flagOf(args, '--selector').split('=') : [];
    const types =
      args[1]?.split(',').map((type) => type.split('.')[0]?.replace(/(?<=ss)es$|(?<!s)s$/, '')) ?? [];
    const items = [...this.objects.values()]
      .filter(({ kind }) => types.includes(kind.toLowerCase()))
      .filter(
        ({ metadata: { namespace } }) =>
          args.includes('--all-namespaces') || namespace === flagOf(args, '--namespace'),
      )
      .filter(
        ({ metadata: { labels = {} } }) =>
          label === '' || (labels[label] !== undefined && labels[label] === (value ?? labels[label])),
      );
    return { items };
  }

  private keyOf([, type = '', name = '', ...rest]: readonly string[]): string {
    const namespace = rest.includes('--namespace') ? flagOf(rest, '--namespace') : '';
    return `${type.split('.')[0]} ${namespace} ${name}`;
  }
}

const idOf = ({ kind, metadata: { namespace = '', name } }: Manifest): string =>
  `${kind.toLowerCase()} ${namespace} ${name}`;
