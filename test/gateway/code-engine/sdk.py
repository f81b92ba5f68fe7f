"""Calls of IBM's SDK, each of whose answers has to be of the status and the model that the SDK expects. Prints the calls that worked."""

import os
import sys
import time

from ibm_cloud_sdk_core import ApiException
from ibm_cloud_sdk_core.authenticators import BearerTokenAuthenticator
from ibm_code_engine_sdk import code_engine_v2 as models

url, project = sys.argv[1:]
engine = models.CodeEngineV2(BearerTokenAuthenticator(os.environ["GATEWAY_TOKEN"]), version="2024-11-18")
engine.set_service_url(url)


def call(operation, status, model=None, **said):
    response = getattr(engine, operation)(project_id=project, **said)
    assert response.get_status_code() == status, (operation, response.get_status_code())
    result = response.get_result()
    if model:
        model.from_dict(result)
    if result and "entity_tag" in result:
        assert response.get_headers()["ETag"] == f'"{result["entity_tag"]}"', operation
    print(operation)
    return result


def refused(operation, status, words, **said):
    try:
        getattr(engine, operation)(**{"project_id": project, **said})
    except ApiException as error:
        assert error.status_code == status, (operation, error.status_code, error.message)
        assert words in error.message, (operation, error.message)
        assert error.global_transaction_id, operation
        return
    raise AssertionError(f"{operation} was not refused")


def all_of(pager, **said):
    return [one["name"] for one in pager(client=engine, project_id=project, limit=1, **said).get_all()]


settings = call("create_config_map", 201, models.ConfigMap, name="settings", data={"LEVEL": "info"})
changed = call(
    "replace_config_map",
    200,
    models.ConfigMap,
    name="settings",
    if_match=settings["entity_tag"],
    data={"LEVEL": "debug"},
)
assert changed["id"] == settings["id"] and changed["created_at"] == settings["created_at"]
refused("replace_config_map", 412, "entity_tag", name="settings", if_match=settings["entity_tag"], data={})
assert call("get_config_map", 200, models.ConfigMap, name="settings")["data"] == {"LEVEL": "debug"}
call("list_config_maps", 200, models.ConfigMapList, limit=100)
assert all_of(models.ConfigMapsPager) == ["settings"]

for name, form, data in [
    ("db", "generic", models.SecretDataGenericSecretData(password="first")),
    ("ssh", "ssh_auth", models.SecretDataSSHSecretData(ssh_key="key", known_hosts="host")),
    ("tls", "tls", models.SecretDataTLSSecretData(tls_cert="cert", tls_key="key")),
    ("basic", "basic_auth", models.SecretDataBasicAuthSecretData(username="me", password="word")),
    ("hmac", "hmac_auth", models.SecretDataHMACAuthSecretData(access_key_id="id", secret_access_key="key")),
]:
    secret = call("create_secret", 201, models.Secret, format=form, name=name, data=data)
    assert secret["format"] == form and secret["data"] == data.to_dict(), secret
data = models.SecretDataGenericSecretData(password="second")
call("replace_secret", 200, models.Secret, name="db", if_match="*", format="generic", data=data)
assert call("get_secret", 200, models.Secret, name="db")["data"] == {"password": "second"}
call("list_secrets", 200, models.SecretList, format="tls")
assert all_of(models.SecretsPager) == ["basic", "db", "hmac", "ssh", "tls"]
assert all_of(models.SecretsPager, format="tls") == ["tls"]

variables = [
    models.EnvVarPrototype(type="config_map_full_reference", reference="settings"),
    models.EnvVarPrototype(type="secret_key_reference", name="PASSWORD", reference="db", key="password"),
]
script = 'test "$LEVEL $PASSWORD $EXTRA" = "debug second more" && test "$JOB_INDEX" != 3'
call(
    "create_job",
    201,
    models.Job,
    image_reference="",
    name="sum",
    run_commands=["sh", "-c", script],
    run_env_variables=variables,
    scale_array_spec="0-4",
    scale_retry_limit=0,
)
image = call(
    "create_job",
    201,
    models.Job,
    image_reference="icr.io/codeengine/helloworld",
    name="my-job",
    run_arguments=["testString"],
    run_commands=["testString"],
    run_env_variables=[models.EnvVarPrototype(type="literal", name="SOME", value="VALUE")],
    run_mode="task",
    run_service_account="default",
    run_volume_mounts=[models.VolumeMountPrototype(mount_path="/app", reference="not-there-yet", type="secret")],
    scale_array_spec="1-5,7-8,10",
    scale_cpu_limit="1",
    scale_ephemeral_storage_limit="4G",
    scale_max_execution_time=7200,
    scale_memory_limit="4G",
    scale_retry_limit=3,
)
patch = models.JobPatch(scale_cpu_limit="2", scale_memory_limit="8G", run_arguments=["a", "b"])
updated = call("update_job", 200, models.Job, name="my-job", if_match=image["entity_tag"], job=patch)
assert updated["run_arguments"] == ["a", "b"] and updated["image_reference"] == image["image_reference"]
refused("update_job", 412, "entity_tag", name="my-job", if_match=image["entity_tag"], job=patch)
call("update_job", 200, models.Job, name="my-job", if_match="*", job=models.JobPatch(run_mode="daemon"))
assert call("get_job", 200, models.Job, name="my-job")["run_mode"] == "daemon"
refused("create_job", 409, "already", image_reference="x", name="my-job")
refused("create_job", 400, "scale_cpu_limit", image_reference="x", name="bad", scale_cpu_limit="3")
refused("get_job", 404, "no job", name="none")
refused("list_jobs", 403, "may not", project_id="no-such-project")
call("list_jobs", 200, models.JobList, limit=100)
assert all_of(models.JobsPager) == ["my-job", "sum"]

extra = [models.EnvVarPrototype(type="literal", name="EXTRA", value="more")]
run = call("create_job_run", 202, models.JobRun, job_name="sum", name="first", run_env_variables=extra)
assert run["status"] in ("pending", "running") and run["job_name"] == "sum"
unnamed = call("create_job_run", 202, models.JobRun, job_name="sum")["name"]
own = call("create_job_run", 202, models.JobRun, name="own", run_commands=["true"])
assert unnamed.startswith("sum-jobrun-") and "job_name" not in own
refused("create_job_run", 409, "already", job_name="sum", name="first")
refused("create_job_run", 404, "no job", job_name="none")
refused("create_job_run", 400, "scale_retry_limit", job_name="sum", scale_retry_limit=6)
deadline = time.monotonic() + 120
while run["status"] not in ("completed", "failed"):
    assert time.monotonic() < deadline, run
    time.sleep(0.1)
    run = call("get_job_run", 200, models.JobRun, name="first")
details = run["status_details"]
assert run["status"] == "failed" and details["failed_indices"] == "3" and details["succeeded"] == 4, run
call("list_job_runs", 200, models.JobRunList, job_name="sum", limit=100)
assert sorted(all_of(models.JobRunsPager)) == sorted(["first", "own", unnamed])
assert sorted(all_of(models.JobRunsPager, job_name="sum")) == sorted(["first", unnamed])

call("delete_job_run", 202, name="own")
refused("delete_job_run", 404, "no job run", name="own")
call("delete_job", 202, name="sum", keep_service_access=True)
refused("get_job_run", 404, "no job run", name="first")
refused("delete_job", 404, "no job", name="sum")
call("delete_secret", 202, name="db")
call("delete_config_map", 202, name="settings")
print("all done")
