// A CloudFront function (runtime cloudfront-js-2.0) at viewer request, for the API: says whom the request comes from,
// in place of whatever the browser has said about it. The API believes it beside the token that the origin adds.
// eslint-disable-next-line no-unused-vars -- CloudFront calls it
function handler(event) {
  const request = event.request;
  request.headers['x-stepgate-viewer'] = { value: event.viewer.ip };
  return request;
}
