export interface ResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: { readonly SecretArns: readonly string[] };
}
export function answer(event: ResourceEvent, readSecret: (arn: string) => Promise<string>): Promise<void>;
