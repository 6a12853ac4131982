/** An ingress controller that `init` supports. */
export interface Controller {
  /** Name of the library function that creates the controller, such as `ingressNginx`. */
  readonly functionName: string;
  /** Namespace in which the controller is usually installed. @default - unknown, so `--controller-namespace` is required */
  readonly namespace?: string;
}

/** The ingress controllers by the value of `--controller`. */
export const CONTROLLERS = {
  'ingress-nginx': { functionName: 'ingressNginx', namespace: 'ingress-nginx' },
  traefik: { functionName: 'traefik', namespace: 'traefik' },
  'envoy-gateway': { functionName: 'envoyGateway', namespace: 'envoy-gateway-system' },
  proxy: { functionName: 'proxy' } as Controller,
} satisfies Readonly<Record<string, Controller>>;

/** Value of `--controller`. */
export type ControllerName = keyof typeof CONTROLLERS;

/** Returns whether a text is a value of `--controller`. */
export const isControllerName = (name: string): name is ControllerName => Object.hasOwn(CONTROLLERS, name);
