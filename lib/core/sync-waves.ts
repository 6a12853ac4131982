/** In which order Argo CD applies the objects of an application; a wave begins when the last one is healthy. */
const WAVES = {
  /** What has to be there before anything else can be made. */
  foundations: '-3',
  /** What pods read, and who they are; External Secrets have made their Secrets when it is healthy. */
  configuration: '-2',
  /** What keeps data. A claim waits for its first consumer, and so stands in the consumer's wave. */
  stores: '-1',
  /** What collects and lets in. */
  collectors: '0',
  /** Nothing waits for what may be without an address for ever: the last wave is not waited for. */
  entrances: '1',
} as const;

const KINDS: Readonly<Record<string, keyof typeof WAVES>> = {
  Namespace: 'foundations',
  CustomResourceDefinition: 'foundations',
  StatefulSet: 'stores',
  PersistentVolumeClaim: 'stores',
  Deployment: 'collectors',
  DaemonSet: 'collectors',
  Ingress: 'entrances',
  Gateway: 'entrances',
  HTTPRoute: 'entrances',
};

/** A namespace holds the volumes of everything in it: taken out of git, it stays until a person deletes it. */
const KEPT = { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' };

/** The annotations by which Argo CD knows the wave of an object, and what it must never delete. */
export function syncAnnotations(kind: string): Record<string, string> {
  return {
    'argocd.argoproj.io/sync-wave': WAVES[KINDS[kind] ?? 'configuration'],
    ...(kind === 'Namespace' && KEPT),
  };
}
