import { omitUndefined } from './defined';
import { addDigestFromLockToReference, type ImageLock } from './image-lock';
import { image as imageRule } from './image-reference';
import { type ImageMirror, replaceRegistryWithMirror } from './mirrors';
import { ARCHITECTURES, type Architecture } from './placement';
import { optionError, ruleViolationText } from './validation';

/**
 * All images of the stack, by the name that settings use: the multi-architecture images of the upstream projects.
 * Images that run on edge nodes are available for amd64, arm64 and armv7.
 */
export const images = {
  prometheus: 'quay.io/prometheus/prometheus:v3.14.0',
  alertmanager: 'quay.io/prometheus/alertmanager:v0.34.0',
  pushgateway: 'quay.io/prometheus/pushgateway:v1.11.3',
  nodeExporter: 'quay.io/prometheus/node-exporter:v1.12.1',
  kubeStateMetrics: 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0',
  grafana: 'docker.io/grafana/grafana:13.2.0',
  loki: 'docker.io/grafana/loki:3.7.6',
  alloy: 'docker.io/grafana/alloy:v1.18.1',
  fluentBit: 'docker.io/fluent/fluent-bit:5.1.3',
  promtail: 'docker.io/grafana/promtail:3.6.11',
  vmagent: 'docker.io/victoriametrics/vmagent:v1.146.0',
  vmalert: 'docker.io/victoriametrics/vmalert:v1.146.0',
  vminsert: 'docker.io/victoriametrics/vminsert:v1.146.0-cluster',
  vmselect: 'docker.io/victoriametrics/vmselect:v1.146.0-cluster',
  vmstorage: 'docker.io/victoriametrics/vmstorage:v1.146.0-cluster',
  nginx: 'docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine-slim',
  // This image contains the module for JavaScript; the slim image does not.
  nginxJs: 'docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine',
  node: 'docker.io/library/node:24.11.1-alpine3.22',
  curl: 'docker.io/curlimages/curl:8.21.0',
} as const;

/** Name of an image in `images`. */
export type ImageName = keyof typeof images;

/** Default architectures that images must support. */
export const DEFAULT_ARCHITECTURES: Required<ImageArchitectures> = {
  cloud: ['amd64', 'arm64'],
  edge: ARCHITECTURES,
};

/** Options for images: mirror registries, overrides and digests. */
export interface ImageOptions {
  /**
   * Registries with copies of the images.
   *
   * A single registry with an optional path replaces the host of every image:
   * `quay.io/prometheus/prometheus:v3.14.0` becomes `<mirror>/prometheus/prometheus:v3.14.0`.
   *
   * Proxy caches have a path for each registry. For a proxy cache, set a mirror for each registry: `{ 'quay.io':
   * 'harbor.example.com/quay', 'docker.io': 'harbor.example.com/dockerhub' }`. An image from a registry without an
   * entry is an error. An entry such as `'ghcr.io': 'ghcr.io'` pulls from the registry itself.
   * @default - the public registries
   */
  readonly mirror?: ImageMirror;
  /**
   * Images that replace the images of this release, by name. The mirror does not apply to these images.
   * @default - the images of this release
   */
  readonly overrides?: Readonly<Partial<Record<ImageName, string>>>;
  /**
   * Digests of the images, as `npm run lock-images` writes them: `name:tag` becomes `name:tag@sha256:...`. An
   * image without an entry is an error.
   * @default - `images.lock.json` in the working directory if `run` creates the app; otherwise, images have no
   * digests
   */
  readonly lock?: ImageLock;
  /**
   * Architectures that `npm run lock-images` requires of every image.
   * @default - the architectures that the images of this release support
   */
  readonly architectures?: ImageArchitectures;
}

/** Architectures of cloud and edge nodes. */
export interface ImageArchitectures {
  /** Architectures of cloud nodes. @default - amd64 and arm64 */
  readonly cloud?: readonly Architecture[];
  /**
   * Architectures of edge nodes. An image must support the architectures of the nodes that run the image.
   * @default - amd64, arm64 and arm
   */
  readonly edge?: readonly Architecture[];
}

/** An image that pods use, and its reference in the publisher's registry. */
export interface PulledImage {
  /** Image reference in the pod. If there is a mirror, the reference points to the mirror, unless `isOverride` is true. */
  readonly image: string;
  /** Image reference in the publisher's registry, with the digest from the lock. */
  readonly source: string;
  /** Whether the image is an override. The mirror does not apply to overrides. */
  readonly isOverride: boolean;
  /** Architectures of the nodes that run the image. */
  readonly architectures: Required<ImageArchitectures>;
}

/**
 * Returns the image for a name in `images`, or for a full reference. Applies overrides and the lock. Also applies the
 * mirror, except to overrides.
 * @throws InvalidOptionError in these cases:
 * - the reference has no registry, or neither a digest nor a tag other than `latest`
 * - `mirror` has no entry for the registry of the image
 * - the lock does not contain the image
 */
export function resolveImage(nameOrReference: string, options: ImageOptions): PulledImage {
  const override = options.overrides?.[nameOrReference as ImageName];
  const named = override ?? images[nameOrReference as ImageName] ?? nameOrReference;
  if (!imageRule.accepts(named)) throw optionError('images', ruleViolationText('image', named, imageRule));
  const source = options.lock ? addDigestFromLockToReference(named, options.lock) : named;
  const isOverride = override !== undefined;
  return {
    image: options.mirror && !isOverride ? replaceRegistryWithMirror(source, options.mirror) : source,
    source,
    isOverride,
    architectures: { ...DEFAULT_ARCHITECTURES, ...omitUndefined(options.architectures) },
  };
}

/**
 * Returns the version of an image as a label value: the first 63 characters of its tag or, without a tag, the first
 * 12 digits of its digest.
 */
export function imageVersionLabelValue(reference: string): string {
  const [name = '', digest = ''] = reference.split('@sha256:');
  const [, tag] = /:([^/:]+)$/.exec(name) ?? [];
  return (tag ?? digest.slice(0, 12)).slice(0, 63);
}
