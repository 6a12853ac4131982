import type { RenderedObject } from './render';

type Manifest = RenderedObject['manifest'];

/** Returns the pod spec of an object, if it runs pods. */
export function podSpecOfManifest({ kind, spec }: Manifest): Manifest | undefined {
  if (kind === 'Pod') return spec;
  return (kind === 'CronJob' ? spec?.jobTemplate?.spec : spec)?.template?.spec;
}

/** Returns all images of an object. */
export function imagesOfManifest(manifest: Manifest): string[] {
  const { initContainers = [], containers = [] } = podSpecOfManifest(manifest) ?? {};
  return [...initContainers, ...containers].map(({ image }: { image: string }) => image);
}
