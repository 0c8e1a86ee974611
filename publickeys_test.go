package ivsrealtime_test

import "github.com/seed-433ec77c/ivsrealtime"

const (
	testPublicKeyARN      = "arn:aws:ivs:eu-west-1:111122223333:public-key/f99cde61-c2b0-4df3-8941-ca7d38acca1a"
	testPublicKeyMaterial = "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE+/==\n-----END PUBLIC KEY-----\n"
)

const fullPublicKeyJSON = `{
	"arn": "arn:aws:ivs:eu-west-1:111122223333:public-key/f99cde61-c2b0-4df3-8941-ca7d38acca1a",
	"name": "backend",
	"publicKeyMaterial": "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE+\/==\n-----END PUBLIC KEY-----\n",
	"fingerprint": "98:0d:1a:a0:19:96:1e:ea:0a:0a:2c:9a:42:19:2b:e7",
	"tags": {"team": "red"}
}`

var fullPublicKey = ivsrealtime.PublicKey{
	ARN:               testPublicKeyARN,
	Name:              "backend",
	PublicKeyMaterial: testPublicKeyMaterial,
	Fingerprint:       "98:0d:1a:a0:19:96:1e:ea:0a:0a:2c:9a:42:19:2b:e7",
	Tags:              map[string]string{"team": "red"},
}

var publicKeyOperations = []operation{
	{
		name:     "DeletePublicKey",
		in:       &ivsrealtime.DeletePublicKeyInput{ARN: testPublicKeyARN},
		required: []string{"ARN"},
		answer:   `{}`,
		want:     &ivsrealtime.DeletePublicKeyOutput{},
	},
	{
		name:     "GetPublicKey",
		in:       &ivsrealtime.GetPublicKeyInput{ARN: testPublicKeyARN},
		required: []string{"ARN"},
		answer:   `{"publicKey": ` + fullPublicKeyJSON + `}`,
		want:     &ivsrealtime.GetPublicKeyOutput{PublicKey: fullPublicKey},
	},
	{
		name: "ImportPublicKey",
		in: &ivsrealtime.ImportPublicKeyInput{
			PublicKeyMaterial: testPublicKeyMaterial,
			Name:              "backend",
			Tags:              map[string]string{"team": "red"},
		},
		required: []string{"PublicKeyMaterial"},
		answer:   `{"publicKey": ` + fullPublicKeyJSON + `}`,
		want:     &ivsrealtime.ImportPublicKeyOutput{PublicKey: fullPublicKey},
	},
	{
		name:    "ImportPublicKey",
		variant: "empty",
		in:      &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: testPublicKeyMaterial, Tags: map[string]string{}},
	},
	{
		name: "ListPublicKeys",
		in:   &ivsrealtime.ListPublicKeysInput{NextToken: "page2", MaxResults: 3},
		answer: `{
			"publicKeys": [{
				"arn": "arn:aws:ivs:eu-west-1:111122223333:public-key/f99cde61-c2b0-4df3-8941-ca7d38acca1a",
				"name": "backend",
				"tags": {"team": "red"}
			}],
			"nextToken": "page3"
		}`,
		want: &ivsrealtime.ListPublicKeysOutput{
			PublicKeys: []ivsrealtime.PublicKeySummary{{ARN: testPublicKeyARN, Name: "backend", Tags: map[string]string{"team": "red"}}},
			NextToken:  "page3",
		},
	},
}
