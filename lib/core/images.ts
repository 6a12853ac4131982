import { omitUndefined } from './defined';
import { type ImageLock, lockImage } from './image-lock';
import { image as imageRule } from './image-reference';
import { type ImageMirror, mirrorImage } from './mirrors';
import { ARCHITECTURES, type Architecture } from './placement';
import { invalid, violationText } from './validation';

/**
 * Every image of the stack, by the name that settings use. All are upstream's own multi-architecture images;
 * those that run on edge nodes are available for amd64, arm64 and armv7.
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
  // With the module that runs JavaScript, which the slim one has not.
  nginxJs: 'docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine',
  node: 'docker.io/library/node:24.11.1-alpine3.22',
  curl: 'docker.io/curlimages/curl:8.21.0',
} as const;

/** Name of an image of the stack. */
export type ImageName = keyof typeof images;

/** Default architectures that images must support. */
export const DEFAULT_ARCHITECTURES: Required<ImageArchitectures> = {
  cloud: ['amd64', 'arm64'],
  edge: ARCHITECTURES,
};

/** Options for images: mirror registries, overrides and digests. */
export interface ImageOptions {
  /**
   * Registries that hold copies of the images. A single registry with an optional path replaces every host:
   * `quay.io/prometheus/prometheus:v3.14.0` becomes `<mirror>/prometheus/prometheus:v3.14.0`. For proxy
   * caches, which have a path for each registry, map each registry to its mirror: `{ 'quay.io':
   * 'harbor.example.com/quay', 'docker.io': 'harbor.example.com/dockerhub' }`. An image from a registry
   * without an entry is an error; `'ghcr.io': 'ghcr.io'` keeps pulling from ghcr.io.
   * @default - the public registries
   */
  readonly mirror?: ImageMirror;
  /** Other images, by name. The mirror does not apply to them. @default - the images of this release */
  readonly overrides?: Readonly<Partial<Record<ImageName, string>>>;
  /**
   * Digests to pin images to, as written by `npm run lock-images`: `name:tag` becomes `name:tag@sha256:...`.
   * An image without an entry is an error.
   * @default - `images.lock.json` of the working directory, if the app is created by `run`; otherwise images
   * are not pinned
   */
  readonly lock?: ImageLock;
  /**
   * Architectures that `npm run lock-images` requires of every image.
   * @default - those that the stack's own images support
   */
  readonly architectures?: ImageArchitectures;
}

/** Architectures of cloud and edge nodes. */
export interface ImageArchitectures {
  /** Architectures of cloud nodes. @default - amd64 and arm64 */
  readonly cloud?: readonly Architecture[];
  /**
   * Architectures of edge nodes. A workload only needs those of the nodes that it may be scheduled to.
   * @default - amd64, arm64 and arm
   */
  readonly edge?: readonly Architecture[];
}

/** An image that a pod uses, and its origin. */
export interface PulledImage {
  /** Reference in the pod. */
  readonly image: string;
  /** Reference in the publisher's registry, with the digest from the lock. */
  readonly source: string;
  /** Whether the image is an override, to which the mirror does not apply. */
  readonly isOverride: boolean;
  /** Architectures of the nodes that run the image. */
  readonly architectures: Required<ImageArchitectures>;
}

/**
 * Resolves an image name of the stack, or the full reference of any other image.
 * @throws InvalidOptionError when the reference has no tag or the tag `latest`, when `mirror` has no entry
 * for its registry, or when the lock does not contain it.
 */
export function resolveImage(nameOrReference: string, options: ImageOptions): PulledImage {
  const override = options.overrides?.[nameOrReference as ImageName];
  const named = override ?? images[nameOrReference as ImageName] ?? nameOrReference;
  if (!imageRule.accepts(named)) throw invalid('images', violationText('image', named, imageRule));
  const source = options.lock ? lockImage(named, options.lock) : named;
  const isOverride = override !== undefined;
  return {
    image: options.mirror && !isOverride ? mirrorImage(source, options.mirror) : source,
    source,
    isOverride,
    architectures: { ...DEFAULT_ARCHITECTURES, ...omitUndefined(options.architectures) },
  };
}

/** Returns the version of a reference, in the form of a label value. */
export function imageVersion(reference: string): string {
  const [name = '', digest = ''] = reference.split('@sha256:');
  const [, tag] = /:([^/:]+)$/.exec(name) ?? [];
  return (tag ?? digest.slice(0, 12)).slice(0, 63);
}
