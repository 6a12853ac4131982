/** An ingress controller: its name in questions and its function in the library. */
export interface Controller {
  /** Function that creates it. */
  readonly functionName: string;
  /** Namespace of its own installation. @default - none; an answer is required */
  readonly namespace?: string;
}

export const CONTROLLERS = {
  'ingress-nginx': { functionName: 'ingressNginx', namespace: 'ingress-nginx' },
  traefik: { functionName: 'traefik', namespace: 'traefik' },
  'envoy-gateway': { functionName: 'envoyGateway', namespace: 'envoy-gateway-system' },
  proxy: { functionName: 'proxy' } as Controller,
} satisfies Readonly<Record<string, Controller>>;

export type ControllerName = keyof typeof CONTROLLERS;

export const isControllerName = (name: string): name is ControllerName => Object.hasOwn(CONTROLLERS, name);
