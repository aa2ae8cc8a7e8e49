// A CloudFront function (runtime cloudfront-js-2.0) at viewer request, for what is not the API: each of the pages'
// addresses is the one document, whose script reads the address. What has a dot is a file. The API's own refusals
// never come this way, so a 403 or 404 of it reaches the browser as it is.
// eslint-disable-next-line no-unused-vars -- CloudFront calls it
function handler(event) {
  const request = event.request;
  // Neither is behind this distribution; a page in the place of an answer would only hide that.
  if (/^\/(admin|auth)(\/|$)/.test(request.uri)) return { statusCode: 404, statusDescription: 'Not Found' };
  if (!request.uri.includes('.')) request.uri = '/index.html';
  return request;
}
