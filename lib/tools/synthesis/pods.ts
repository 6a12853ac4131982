import type { RenderedObject } from './render';

type Manifest = RenderedObject['manifest'];

/** Returns the pod spec of a manifest. Returns `undefined` if the object does not run pods. */
export function podSpecOfManifest({ kind, spec }: Manifest): Manifest | undefined {
  if (kind === 'Pod') return spec;
  return (kind === 'CronJob' ? spec?.jobTemplate?.spec : spec)?.template?.spec;
}

/** Returns the images of all containers of a manifest, including init containers. */
export function imagesOfManifest(manifest: Manifest): string[] {
  const { initContainers = [], containers = [] } = podSpecOfManifest(manifest) ?? {};
  return [...initContainers, ...containers].map(({ image }: { image: string }) => image);
}
