/**
 * The typed objects of Kubernetes, from the file of L1 classes alone. Every file takes them from here: a bundle copies
 * all of them for each place where they are imported, which would take a twentieth of the time of a synthesis.
 */
export * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
