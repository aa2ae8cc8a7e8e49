// A CloudFront function (runtime cloudfront-js-2.0) at viewer request, for the API: says whom the request comes from
// and out of which country, in place of whatever the browser has said about it. The API believes it beside the token
// that the origin adds. The country is CloudFront's own header, which is here because the cache policy names it.
// eslint-disable-next-line no-unused-vars -- CloudFront calls it
function handler(event) {
  const request = event.request;
  const country = request.headers['cloudfront-viewer-country'];
  request.headers['x-stepgate-viewer'] = { value: event.viewer.ip };
  delete request.headers['x-stepgate-country'];
  if (country) request.headers['x-stepgate-country'] = { value: country.value };
  return request;
}
