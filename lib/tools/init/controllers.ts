/** An ingress controller: its name in questions and its function in the library. */
export interface Controller {
  /** Function that creates it. */
  readonly maker: string;
  /** Namespace of its own installation. @default - none; an answer is required */
  readonly namespace?: string;
}

export const CONTROLLERS = {
  'ingress-nginx': { maker: 'ingressNginx', namespace: 'ingress-nginx' },
  traefik: { maker: 'traefik', namespace: 'traefik' },
  'envoy-gateway': { maker: 'envoyGateway', namespace: 'envoy-gateway-system' },
  proxy: { maker: 'proxy' } as Controller,
} satisfies Readonly<Record<string, Controller>>;

export type ControllerName = keyof typeof CONTROLLERS;

export const isControllerName = (name: string): name is ControllerName => Object.hasOwn(CONTROLLERS, name);
