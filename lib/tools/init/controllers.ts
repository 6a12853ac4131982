/** An ingress controller as a question names it, and as the library does. */
export interface Controller {
  /** The function that makes it. */
  readonly maker: string;
  /** Where its own installation puts it. @default - it has none: somebody has to say it */
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
