/**
 * The typed objects of Kubernetes, from the file of L1 classes alone. Every file imports them from here: the
 * bundler copies all of them for each importing file, which would take 5 % of the synthesis time.
 */
export * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
